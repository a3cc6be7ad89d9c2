/**
 * A segment of a route's path that matches in any letter case: clients differ in how they spell it.
 */
export const caseInsensitive = (text: string): string => {
  const pattern = [...text].map((char) => `[${char.toLowerCase()}${char.toUpperCase()}]`).join('')
  return `:${text.toLowerCase()}{${pattern}}`
}
