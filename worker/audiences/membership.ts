import { type JsonObject, own } from '../base/json'
import type { AudienceSet, CompiledAudience, View } from './compile'
import type { Evaluated } from './event-leaf'
import { keepMarks, type Mark, type Marks } from './marks'
import type { Field } from './query'

/** What a profile keeps for audiences: memberships, and of its history what rules ask for. */
export interface AudienceState {
  /** The audiences that the profile has met, with the hash of the rule. */
  known: Record<string, string>
  /** Since when it is in one, ms. */
  inside: Record<string, number>
  /** By the keys of event conditions. */
  marks: Record<string, Marks>
  /** Fields beside attributes and identities that rules read, by name. */
  facts: JsonObject
  /** The audiences of which a connection that wants existing users knows, by its id. */
  served: Record<string, string[]>
  /** When time alone may change something, ms. */
  due_ms?: number
  /** Of the workspace whose rules it was evaluated under: never evaluate it under earlier ones. */
  version?: number
}

export const emptyAudienceState = (): AudienceState => ({
  known: {},
  inside: {},
  marks: {},
  facts: {},
  served: {},
})

/** The profile entered or left an audience. Times in ms. */
export interface MembershipChange {
  audience: string
  slug: string
  event: 'enter' | 'exit'
  enter_ms: number
  exit_ms?: number
}

/** What changed at one instant. */
export interface Step {
  at_ms: number
  changes: MembershipChange[]
  /** Only this connection is told: of members that were there before it. */
  only?: string
  /** Found as the profile met the audience: counted, but no connection is told. */
  silent?: true
}

/** What an upload says of the events that rules ask for. */
export interface Noted {
  marks: Record<string, Mark[]>
  facts: JsonObject
}

interface Evaluation {
  state: AudienceState
  changes: MembershipChange[]
  /** Memberships that were there before the profile met the audience. */
  found: MembershipChange[]
}

const changeOf = (
  audience: CompiledAudience,
  since: number | undefined,
  now: number
): MembershipChange => ({
  audience: audience.id,
  slug: audience.slug,
  ...(since === undefined
    ? { event: 'enter', enter_ms: now }
    : { event: 'exit', enter_ms: since, exit_ms: now }),
})

// Alarms are nanoseconds in 64 bits, which end in 2262: for a date beyond, nobody waits.
const farthestDueMs = Date.UTC(2200, 0, 1)

/** Evaluates all audiences at one instant. Those that the profile has not met change silently. */
const evaluateAll = (
  set: AudienceSet,
  before: AudienceState,
  { field, now }: Pick<View, 'field' | 'now'>
): Evaluation => {
  const members = new Map<string, Evaluated>()
  const view: View = {
    field,
    now,
    marks: (key) => before.marks[key],
    isMember: (id) => members.get(id)?.value ?? false,
  }
  const inside: Record<string, number> = {}
  const changes: MembershipChange[] = []
  const found: MembershipChange[] = []
  let due = Number.POSITIVE_INFINITY
  for (const audience of set.audiences) {
    const { id, node } = audience
    const evaluated = node.evaluate(view)
    members.set(id, evaluated)
    due = Math.min(due, evaluated.next)
    const since = own(before.inside, id)
    if (evaluated.value) inside[id] = since ?? now
    if (evaluated.value === (since !== undefined)) continue
    const list = own(before.known, id) === undefined ? found : changes
    list.push(changeOf(audience, since, now))
  }
  const { due_ms: _, ...rest } = before
  const next = due > farthestDueMs ? {} : { due_ms: due }
  return { state: { ...rest, known: set.known, inside, ...next }, changes, found }
}

/** Whether a profile was evaluated under these rules. */
export const hasMet = ({ audiences, known: all }: AudienceSet, { known }: AudienceState): boolean =>
  known === all ||
  (audiences.length === Object.keys(known).length &&
    audiences.every(({ id, hash }) => own(known, id) === hash))

/** A profile that comes into being is outside of every audience. */
export const meetAsNew = (set: AudienceSet): AudienceState => ({
  ...emptyAudienceState(),
  known: set.known,
})

export interface Walked {
  state: AudienceState
  steps: Step[]
}

/**
 * Brings memberships up to an instant at which nothing came in: through every instant at which time
 * changed them, each with its own stamp, and to rules that are new since.
 *
 * @param now ms
 */
export const walk = (
  set: AudienceSet,
  state: AudienceState,
  { field, now }: { field: Field; now: number }
): Walked => {
  const steps: Step[] = []
  let at = state
  const go = (ms: number): void => {
    const { state: next, changes, found } = evaluateAll(set, at, { field, now: ms })
    at = next
    if (found.length > 0) steps.push({ at_ms: ms, changes: found, silent: true })
    if (changes.length > 0) steps.push({ at_ms: ms, changes })
  }
  while (at.due_ms !== undefined && at.due_ms <= now) go(at.due_ms)
  if (!hasMet(set, at)) go(now)
  return { state: at, steps }
}

/** The state with what an upload says noted, and nothing kept that no rule asks for. */
const note = (set: AudienceSet, state: AudienceState, noted: Noted, now: number): AudienceState => {
  const marks: Record<string, Marks> = {}
  for (const [key, { need }] of set.events) {
    const fresh = noted.marks[key] ?? []
    const known = state.marks[key]
    if (!known && fresh.length === 0) continue
    const kept = keepMarks(known, fresh, { need, now })
    if (kept.n !== undefined || (kept.t?.length ?? 0) > 0) marks[key] = kept
  }
  const facts = Object.fromEntries(
    set.facts.flatMap((name) => {
      const value = noted.facts[name] ?? state.facts[name]
      return value === undefined ? [] : [[name, value]]
    })
  )
  return { ...state, marks, facts }
}

/**
 * Notes what came in and evaluates, after `walk` has brought the profile up to the instant before:
 * what leaves a window at the very instant at which something comes in makes no change of its own.
 *
 * @param field the fields after it came in
 */
export const arriveAt = (
  set: AudienceSet,
  state: AudienceState,
  { noted, field, now }: { noted: Noted; field: (facts: JsonObject) => Field; now: number }
): Walked => {
  const after = note(set, state, noted, now)
  const { state: next, changes } = evaluateAll(set, after, { field: field(after.facts), now })
  return { state: next, steps: changes.length > 0 ? [{ at_ms: now, changes }] : [] }
}

/** A connection that wants to be told of users who were in its audiences before. */
export interface ExistingUsers {
  connection: string
  audiences: string[]
}

/** Whether these connections know of all memberships, and no others are noted. */
export const hasServed = (
  { served }: AudienceState,
  wanting: ExistingUsers[],
  paused: string[]
): boolean =>
  Object.keys(served).every(
    (id) => paused.includes(id) || wanting.some(({ connection }) => connection === id)
  ) &&
  wanting.every(({ connection, audiences }) => {
    const known = own(served, connection)
    return known?.length === audiences.length && audiences.every((id) => known.includes(id))
  })

interface Serving {
  wanting: ExistingUsers[]
  /** Switched off: what they know stays noted. */
  paused: string[]
  now: number
  /** Audiences whose change everybody is being told of already. */
  told: Set<string>
}

/** Tells such connections, once, of the memberships that they do not know of. */
export const serve = (
  set: AudienceSet,
  state: AudienceState,
  { wanting, paused, now, told }: Serving
): Walked => {
  const served = Object.fromEntries(
    Object.entries(state.served).filter(([connection]) => paused.includes(connection))
  )
  const steps: Step[] = []
  for (const { connection, audiences } of wanting) {
    const known = new Set(own(state.served, connection))
    served[connection] = audiences
    const changes = set.audiences.flatMap(({ id, slug }): MembershipChange[] => {
      const since = own(state.inside, id)
      if (since === undefined || told.has(id)) return []
      if (known.has(id) || !audiences.includes(id)) return []
      return [{ audience: id, slug, event: 'enter', enter_ms: since }]
    })
    if (changes.length > 0) steps.push({ at_ms: now, changes, only: connection })
  }
  return { state: { ...state, served }, steps }
}
