/** A fixed word of a route's path in either case: dialects spell theirs both ways. */
export const word = (text: string): string =>
  `:${text.toLowerCase()}{${[...text].map((c) => `[${c.toLowerCase()}${c.toUpperCase()}]`).join('')}}`
