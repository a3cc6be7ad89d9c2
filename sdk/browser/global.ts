import { type Client, createClient } from './client'
import type { ClientOptions } from './options'
import type { Weir } from './weir'

type Method = keyof Client | 'init'
type Call = [method: Method, args: ArrayLike<unknown>]

/** What the snippet leaves behind. */
interface Stub extends Partial<Weir> {
  q?: Call[]
}

declare global {
  var weir: Stub | undefined
}

const script = globalThis.document?.currentScript
const origin = script && 'src' in script && script.src ? new URL(script.src).origin : undefined

// The page may hold on to the stub and to its methods: both go on working.
const stub: Stub = globalThis.weir ?? {}
const waiting = stub.q ?? []
let client: Client | undefined

const METHODS = ['track', 'page', 'identify', 'setUserAttributes', 'flush', 'close'] as const

const call = (method: Method, args: ArrayLike<unknown>): unknown => {
  if (method === 'init') return client
  if (client) return Reflect.apply(client[method], client, args)
  waiting.push([method, args])
  return Promise.resolve(false)
}

const init = (options: ClientOptions): Client => {
  if (client) return client
  client = createClient(origin ? { endpoint: origin, ...options } : options)
  const carryOut = (...calls: Call[]) => {
    for (const [method, args] of calls) call(method, args)
    return 0
  }
  // Emptied, for a page may load the script twice.
  carryOut(...waiting.splice(0))
  waiting.push = carryOut
  return client
}

const methods = METHODS.map((method) => [method, (...args: unknown[]) => call(method, args)])
globalThis.weir = Object.assign(stub, Object.fromEntries(methods), { init, createClient })

const first = waiting.find(([method]) => method === 'init')
if (first) Reflect.apply(init, undefined, first[1])
