import { MessageError } from './errors'

// A number represents all integers of up to 15 digits exactly.
const longDigits = /\d{16}/
const longInteger = /(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g

const isEscaped = (text: string, at: number): boolean => {
  let backslashes = 0
  while (text[at - 1 - backslashes] === '\\') backslashes++
  return backslashes % 2 === 1
}

/**
 * The index after the string that starts at a quote. No regular expression: it would overflow the
 * stack on long strings.
 */
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

/** The length of the object at the beginning of the text. */
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
 * Parses the object at the beginning of the text. Integers of 16 or more digits become strings,
 * since numbers would round them. A byte-order mark is ignored, and so is everything after the
 * object, as in the Java SDK.
 *
 * @throws MessageError when the text does not begin with a JSON object.
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
