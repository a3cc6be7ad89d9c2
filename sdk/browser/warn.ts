/** Writes an error to the console, since the SDK never throws into the page. */
export const warn = (message: string, cause?: unknown): void => {
  console.warn(`weir: ${message}`, cause ?? '')
}
