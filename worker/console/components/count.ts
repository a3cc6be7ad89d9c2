const format = new Intl.NumberFormat('en')

/** A number with thousands separators. */
export const countOf = (count: number): string => format.format(count)

/** `1 event`, `1,234 events`; the plural ends in s by default. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${countOf(count)} ${count === 1 ? noun : plural}`

const bytes = ['B', 'KB', 'MB', 'GB', 'TB']

export const bytesOf = (count: number): string => {
  const power = count < 1 ? 0 : Math.min(bytes.length - 1, Math.floor(Math.log10(count) / 3))
  const size = count / 1000 ** power
  return `${power === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${bytes[power]}`
}
