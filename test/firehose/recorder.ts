import { MessageProcessor, type Received } from '../../sdk/firehose'

type Hook = (item: Received<{ type: string }>) => unknown

const methodsOf = (prototype: object): string[] =>
  prototype === Object.prototype
    ? []
    : [...Object.getOwnPropertyNames(prototype), ...methodsOf(Object.getPrototypeOf(prototype))]

/** The methods of a processor that an integration may override, those that it inherits among them. */
export const hookNames = methodsOf(MessageProcessor.prototype).filter(
  (name) => /^(process|on)[A-Z]/.test(name) && name !== 'processMessage'
)

/** Tells which hooks were called, with what, and when each was done. */
export class Recorder extends MessageProcessor {
  readonly calls: string[] = []
  readonly received: Received<{ type: string }>[] = []
  readonly logged: string[] = []
  /** What the hook of a name throws. */
  readonly failures: Record<string, unknown> = {}

  constructor(...options: ConstructorParameters<typeof MessageProcessor>) {
    super(...options)
    this.setLogger({ log: (message) => this.logged.push(message) })
    for (const name of hookNames) this.#watch(name, Reflect.get(MessageProcessor.prototype, name))
    this.#watch('processRegistrationRequest', () => ({ name: 'Acme', version: '1.0' }))
  }

  #watch(name: string, hook: Hook) {
    Object.defineProperty(this, name, {
      configurable: true,
      value: async (item: Received<{ type: string }>) => {
        this.calls.push(name)
        this.received.push(item)
        // Long enough for another hook to begin, were it not awaited.
        await new Promise((resolve) => setImmediate(resolve))
        if (name in this.failures) throw this.failures[name]
        const result = await hook.call(this, item)
        this.calls.push(`${name} is done`)
        return result
      },
    })
  }

  processRegistrationRequest(): never {
    throw Error('The hook is watched.')
  }
}
