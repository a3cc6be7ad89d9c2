import { MessageError } from './errors'

// A number holds the integers of up to 15 digits, and some longer ones.
const longDigits = /\d{16}/
const longInteger = /(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g

const isEscaped = (text: string, at: number): boolean => {
  let backslashes = 0
  while (text[at - 1 - backslashes] === '\\') backslashes++
  return backslashes % 2 === 1
}

/** Where the string that starts at a quote ends. A regular expression would overflow on long ones. */
const endOfString = (text: string, start: number): number => {
  let end = text.indexOf('"', start + 1)
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end < 0 ? text.length : end + 1
}

const quoteLongIntegers = (text: string): string => {
  const parts: string[] = []
  for (let from = 0; from < text.length; ) {
    const quote = text.indexOf('"', from)
    const start = quote < 0 ? text.length : quote
    const outside = text.slice(from, start)
    parts.push(longDigits.test(outside) ? outside.replace(longInteger, '"$&"') : outside)
    from = quote < 0 ? text.length : endOfString(text, quote)
    parts.push(text.slice(start, from))
  }
  return parts.join('')
}

/** The length of the object that the text begins with. */
const endOfObject = (text: string): number => {
  const token = /["{}[\]]/g
  let depth = 0
  for (let match = token.exec(text); match; match = token.exec(text)) {
    if (match[0] === '"') token.lastIndex = endOfString(text, match.index)
    else if (match[0] === '{' || match[0] === '[') depth++
    else if (--depth === 0) return match.index + 1
  }
  return text.length
}

/**
 * Parses the object that the text begins with. Integers of 16 or more digits become strings, since
 * numbers would change them. What comes after the object is ignored, as the Java SDK does; a
 * byte-order mark is, too, since a server's own decoding may have removed it or not.
 *
 * @throws MessageError when that is not JSON.
 */
export const parseExactly = (text: string): unknown => {
  const whole = text.startsWith('\u{FEFF}') ? text.slice(1) : text
  try {
    const value: unknown = JSON.parse(whole)
    return longDigits.test(whole) ? JSON.parse(quoteLongIntegers(whole)) : value
  } catch (cause) {
    const end = endOfObject(whole)
    if (end < whole.length) return parseExactly(whole.slice(0, end))
    throw new MessageError('The message is not JSON.', { cause })
  }
}
