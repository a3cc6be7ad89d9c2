import type { Feature } from '../core'
import type { Attributes } from '../user'

/** Methods of the feature {@link errors}. */
export interface Errors {
  /**
   * Records an error that the page has caught.
   *
   * @param error an `Error`, or any value, whose text becomes the message
   * @example
   * try { pay() } catch (error) { weir.error(error, { step: 'payment' }) }
   */
  error(error: unknown, attributes?: Attributes): void
}

/** Options of {@link errors}. */
export interface ErrorsOptions {
  /**
   * Default `true`: uncaught errors and unhandled rejections are recorded, each (by message and
   * stack) once per page, and at most 50.
   */
  uncaught?: boolean | undefined
}

const MOST_UNCAUGHT = 50
// After deep recursion, some browsers have stacks of megabytes.
const STACK_CHARS = 10_000

/** Errors, as `crash_report` events. */
export const errors =
  ({ uncaught = true }: ErrorsOptions = {}): Feature<Errors> =>
  ({ record, on }) => {
    const seen = new Set<string>()

    const report = (
      thrown: unknown,
      exception_handled: boolean,
      custom_attributes?: Attributes
    ) => {
      const { name, message, stack } = thrown instanceof Error ? thrown : new Error(String(thrown))
      const id = message + stack
      if (!exception_handled) {
        if (seen.has(id) || seen.size >= MOST_UNCAUGHT) return
        seen.add(id)
      }
      record('crash_report', {
        class_name: name,
        message,
        stack_trace: stack?.slice(0, STACK_CHARS),
        exception_handled,
        custom_attributes,
      })
    }

    if (uncaught) {
      on('error', (event) => report(event.error ?? event.message, false))
      on('unhandledrejection', (event) => report(event.reason, false))
    }

    return { error: (thrown, attributes) => report(thrown, true, attributes) }
  }
