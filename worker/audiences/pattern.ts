/**
 * Regular expressions in time that grows with the text alone. The platform's engine backtracks, and
 * a text that somebody uploads could keep it busy for minutes. Only whether they match is asked for,
 * so what they leave out is what cannot be had in that time: looking around and back references.
 */
type Part =
  | { kind: 'one'; test: (char: string) => boolean }
  | { kind: 'edge'; holds: Edge }
  | { kind: 'row'; parts: Part[] }
  | { kind: 'either'; parts: Part[] }
  | { kind: 'repeat'; part: Part; least: number; most: number }

type Edge = (text: string, at: number) => boolean

const mostSteps = 2000
// What of a text is looked at.
const textChars = 10_000

const isWord = (char: string | undefined): boolean => char !== undefined && /\w/.test(char)
const isWordEdge: Edge = (text, at) => isWord(text[at - 1]) !== isWord(text[at])

const edges: Record<string, Edge> = {
  '^': (_, at) => at === 0,
  $: (text, at) => at === text.length,
  '\\b': isWordEdge,
  '\\B': (text, at) => !isWordEdge(text, at),
}

// One character of the text each; what else a backslash can begin is not understood.
const tokens =
  /\\[bB]|[\^$|)]|\((?:\?:)?(?!\?)|[*+?]\??|\{\d+(?:,\d*)?\}\??|\[(?:\\.|[^\]\\])*\]|\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|[dDwWsStnrfv]|[^\w\s])|[^\\()[\]{}*+?|^$]/gs

const tokensOf = (source: string): string[] | undefined => {
  const found = source.match(tokens) ?? []
  return found.join('') === source ? found : undefined
}

const oneOf = (token: string, flags: string): Part => {
  const pattern = new RegExp(`^${token}$`, flags)
  const known = new Map<string, boolean>()
  const test = (char: string): boolean => {
    const before = known.get(char)
    if (before !== undefined) return before
    const isMatch = pattern.test(char)
    known.set(char, isMatch)
    return isMatch
  }
  return { kind: 'one', test }
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

// The tokens come from an expression that the platform takes, so they pair up.
const parse = (left: string[], flags: string): Part => {
  const rows: Part[][] = [[]]
  for (let token = left.shift(); token !== undefined && token !== ')'; token = left.shift()) {
    const row = rows.at(-1) ?? []
    const repeated = bounds(token)
    const edge = edges[token]
    if (token === '|') rows.push([])
    else if (token.startsWith('(')) row.push(parse(left, flags))
    else if (edge) row.push({ kind: 'edge', holds: edge })
    else if (!repeated) row.push(oneOf(token, flags))
    else {
      const part = row.pop()
      if (part) row.push({ kind: 'repeat', part, ...repeated })
    }
  }
  return { kind: 'either', parts: rows.map((parts) => ({ kind: 'row', parts })) }
}

const sizeOf = (part: Part): number => {
  if (part.kind === 'one' || part.kind === 'edge') return 1
  if (part.kind !== 'repeat') return part.parts.reduce((sum, one) => sum + 1 + sizeOf(one), 0)
  const times = Number.isFinite(part.most) ? part.most : part.least + 1
  return Math.max(1, times) * (1 + sizeOf(part.part))
}

type Step =
  | { test: (char: string) => boolean; next: number }
  | { holds: Edge; next: number }
  | { either: number[] }

const found = -1

/** Adds the steps of a part, which lead on to `next`; returns its first. */
const emit = (steps: Step[], part: Part, next: number): number => {
  if (part.kind === 'one') return steps.push({ test: part.test, next }) - 1
  if (part.kind === 'edge') return steps.push({ holds: part.holds, next }) - 1
  if (part.kind === 'either') {
    return steps.push({ either: part.parts.map((one) => emit(steps, one, next)) }) - 1
  }
  if (part.kind === 'row') return part.parts.reduceRight((to, one) => emit(steps, one, to), next)
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
    for (let step = ready.pop(); step !== undefined; step = ready.pop()) {
      if (step === found) return true
      const what = steps[step]
      if (!what || seenAt[step] === at) continue
      seenAt[step] = at
      if ('either' in what) ready.push(...what.either)
      else if ('holds' in what) {
        if (what.holds(text, at)) ready.push(what.next)
      } else if (char !== undefined && what.test(char)) waiting.push(what.next)
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
  const own = tokensOf(source)
  if (!own) return 'may not look around, refer back, name groups, or hold { } ] without a backslash'
  return sizeOf(parse(own, '')) > mostSteps ? 'repeats too much' : undefined
}

/** Whether a text, or its first 10,000 characters, has a match for a checked expression. */
export const compilePattern = (source: string, flags: '' | 'i'): ((text: string) => boolean) => {
  const steps: Step[] = []
  const start = emit(steps, parse(tokensOf(source) ?? [], flags), found)
  return (text) => run(steps, start, text.slice(0, textChars))
}
