/** The one way in which the SDK complains: it never throws into the page. */
export const warn = (message: string, cause?: unknown): void => {
  console.warn(`weir: ${message}`, cause ?? '')
}
