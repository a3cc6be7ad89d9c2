/**
 * Regular expressions in linear time (Thompson's algorithm). The platform's engine backtracks, so a
 * text in an upload could keep it busy for minutes. Lookaround and back references are not
 * supported, since they cannot be matched in linear time.
 */
type Part =
  | { kind: 'char'; test: (char: string) => boolean }
  | { kind: 'edge'; holds: Edge }
  | { kind: 'row'; parts: Part[] }
  | { kind: 'either'; parts: Part[] }
  | { kind: 'repeat'; part: Part; least: number; most: number }

type Edge = (text: string, at: number) => boolean

const mostSteps = 2000
// The part of a text that is searched.
const textChars = 10_000

const isWord = (char: string | undefined): boolean => char !== undefined && /\w/.test(char)
const isWordEdge: Edge = (text, at) => isWord(text[at - 1]) !== isWord(text[at])

const edges: Record<string, Edge> = {
  '^': (_text, at) => at === 0,
  $: (text, at) => at === text.length,
  '\\b': isWordEdge,
  '\\B': (text, at) => !isWordEdge(text, at),
}

// The supported tokens; other escapes are rejected.
const tokenPattern =
  /\\[bB]|[\^$|)]|\((?:\?:)?(?!\?)|[*+?]\??|\{\d+(?:,\d*)?\}\??|\[(?:\\.|[^\]\\])*\]|\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|[dDwWsStnrfv]|[^\w\s])|[^\\()[\]{}*+?|^$]/gs

const tokensOf = (source: string): string[] | undefined => {
  const found = source.match(tokenPattern) ?? []
  return found.join('') === source ? found : undefined
}

const charPart = (token: string, flags: string): Part => {
  const pattern = new RegExp(`^${token}$`, flags)
  const cache = new Map<string, boolean>()
  const test = (char: string): boolean => {
    const cached = cache.get(char)
    if (cached !== undefined) return cached
    const isMatch = pattern.test(char)
    cache.set(char, isMatch)
    return isMatch
  }
  return { kind: 'char', test }
}

const bounds = (token: string): { least: number; most: number } | undefined => {
  const [, from, comma, upto] = /^\{(\d+)(,?)(\d*)\}/.exec(token) ?? []
  if (from !== undefined) {
    const least = Number(from)
    return { least, most: comma ? Number(upto || Number.POSITIVE_INFINITY) : least }
  }
  if (token.startsWith('*')) return { least: 0, most: Number.POSITIVE_INFINITY }
  if (token.startsWith('+')) return { least: 1, most: Number.POSITIVE_INFINITY }
  return token.startsWith('?') ? { least: 0, most: 1 } : undefined
}

// The platform's own parser accepted the expression, so its parentheses are balanced.
const parse = (tokens: string[], flags: string): Part => {
  const rows: Part[][] = [[]]
  for (let token = tokens.shift(); token !== undefined && token !== ')'; token = tokens.shift()) {
    const row = rows.at(-1) ?? []
    const repeated = bounds(token)
    const edge = edges[token]
    if (token === '|') rows.push([])
    else if (token.startsWith('(')) row.push(parse(tokens, flags))
    else if (edge) row.push({ kind: 'edge', holds: edge })
    else if (!repeated) row.push(charPart(token, flags))
    else {
      const part = row.pop()
      if (part) row.push({ kind: 'repeat', part, ...repeated })
    }
  }
  return { kind: 'either', parts: rows.map((parts) => ({ kind: 'row', parts })) }
}

const sizeOf = (part: Part): number => {
  if (part.kind === 'char' || part.kind === 'edge') return 1
  if (part.kind !== 'repeat') return part.parts.reduce((sum, child) => sum + 1 + sizeOf(child), 0)
  const times = Number.isFinite(part.most) ? part.most : part.least + 1
  return Math.max(1, times) * (1 + sizeOf(part.part))
}

type Step =
  | { test: (char: string) => boolean; next: number }
  | { holds: Edge; next: number }
  | { either: number[] }

// The step after the last one: the text matches.
const found = -1

/**
 * Appends the steps of a part, followed by the step `next`; returns the index of its first step.
 */
const emit = (steps: Step[], part: Part, next: number): number => {
  if (part.kind === 'char') return steps.push({ test: part.test, next }) - 1
  if (part.kind === 'edge') return steps.push({ holds: part.holds, next }) - 1
  if (part.kind === 'either') {
    return steps.push({ either: part.parts.map((child) => emit(steps, child, next)) }) - 1
  }
  if (part.kind === 'row')
    return part.parts.reduceRight((to, child) => emit(steps, child, to), next)
  let first = next
  if (Number.isFinite(part.most)) {
    for (let i = part.least; i < part.most; i++) {
      first = steps.push({ either: [emit(steps, part.part, first), next] }) - 1
    }
  } else {
    const either = [next]
    first = steps.push({ either }) - 1
    either.push(emit(steps, part.part, first))
  }
  for (let i = 0; i < part.least; i++) first = emit(steps, part.part, first)
  return first
}

const run = (steps: Step[], start: number, text: string): boolean => {
  const seenAt = new Int32Array(steps.length).fill(-1)
  let waiting: number[] = []
  for (let at = 0; at <= text.length; at++) {
    const ready = [...waiting, start]
    const char = text[at]
    waiting = []
    for (let index = ready.pop(); index !== undefined; index = ready.pop()) {
      if (index === found) return true
      const step = steps[index]
      if (!step || seenAt[index] === at) continue
      seenAt[index] = at
      if ('either' in step) ready.push(...step.either)
      else if ('holds' in step) {
        if (step.holds(text, at)) ready.push(step.next)
      } else if (char !== undefined && step.test(char)) waiting.push(step.next)
    }
  }
  return false
}

/** What is wrong with an expression, or undefined. */
export const patternProblem = (source: string): string | undefined => {
  try {
    new RegExp(source)
  } catch {
    return 'must be a regular expression'
  }
  const parsed = tokensOf(source)
  if (!parsed)
    return 'may not have lookaround, back references, named groups, or { } ] without a backslash'
  return sizeOf(parse(parsed, '')) > mostSteps ? 'repeats too much' : undefined
}

/**
 * Compiles a checked expression to a test of texts, of which the first 10,000 characters are
 * searched.
 */
export const compilePattern = (source: string, flags: '' | 'i'): ((text: string) => boolean) => {
  const steps: Step[] = []
  const start = emit(steps, parse(tokensOf(source) ?? [], flags), found)
  return (text) => run(steps, start, text.slice(0, textChars))
}
