const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g
const opening = { '}': '{', ']': '[' }

/** @param {string} text */
const isJson = (text) => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/**
 * A JSON text, indented and coloured. Works on the text: numbers stay as they came, also those
 * that JavaScript would round.
 *
 * @param {string} text
 */
export const prettyJson = (text) => {
  const out = document.createDocumentFragment()
  if (!isJson(text)) {
    out.append(text)
    return out
  }
  let depth = 0
  const newLine = () => out.append(`\n${'  '.repeat(depth)}`)
  const tokens = text.match(token) ?? []
  for (const [i, one] of tokens.entries()) {
    if (one === '{' || one === '[') {
      depth += 1
      out.append(one)
      if (opening[tokens[i + 1]] !== one) newLine()
    } else if (one in opening) {
      depth -= 1
      if (tokens[i - 1] !== opening[one]) newLine()
      out.append(one)
    } else if (one === ',') {
      out.append(one)
      newLine()
    } else if (one === ':') out.append(': ')
    else out.append(coloured(one, tokens[i + 1] === ':'))
  }
  return out
}

const coloured = (text, isKey) => {
  const span = document.createElement('span')
  span.textContent = text
  if (text.startsWith('"')) span.className = isKey ? 'key' : 'string'
  else span.className = /^[-\d]/.test(text) ? 'number' : 'word'
  return span
}
