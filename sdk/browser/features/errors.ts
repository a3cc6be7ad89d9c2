import type { Feature } from '../core'
import type { Attributes } from '../user'

/** Methods of the feature {@link errors}. */
export interface Errors {
  /**
   * Records an error that the page has handled.
   *
   * @param error an `Error`; of anything else, its text is the message
   * @example
   * try { pay() } catch (error) { weir.error(error, { step: 'payment' }) }
   */
  error(error: unknown, attributes?: Attributes): void
}

/** What {@link errors} does by itself. */
export interface ErrorsOptions {
  /**
   * Default `true`: errors and rejections that nobody handled are recorded, the same one (by message
   * and stack) once a page, and 50 at most.
   */
  uncaught?: boolean | undefined
}

const MOST_UNCAUGHT = 50
// Deep recursion has stacks of megabytes in some browsers.
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
