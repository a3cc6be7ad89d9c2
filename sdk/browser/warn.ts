/** Reports all errors of the SDK, which never throws into the page. */
export const warn = (message: string, cause?: unknown): void => {
  console.warn(`weir: ${message}`, cause ?? '')
}
