import { type JsonObject, own } from '../base/json'
import type { AudienceSet, CompiledAudience, View } from './compile'
import type { Evaluated } from './event-leaf'
import { type Mark, type Marks, updateMarks } from './marks'
import type { Field } from './query'

/** What a profile stores for audiences: its memberships, and what rules need of its events. */
export interface AudienceState {
  /** The audiences under which the profile was evaluated, with the hashes of their rules. */
  known: Record<string, string>
  /** The audiences that the profile is in, and since when, ms. */
  inside: Record<string, number>
  /** By the key of the event condition. */
  marks: Record<string, Marks>
  /** The fields that rules read besides user attributes and identities, by name. */
  facts: JsonObject
  /**
   * By connection with Existing Users: the audiences for which its existing member was announced.
   */
  served: Record<string, string[]>
  /** When a membership may next change by time alone, ms. */
  due_ms?: number
  /**
   * Of the workspace with the rules it was evaluated under: never evaluate it under earlier ones.
   */
  version?: number
}

export const emptyAudienceState = (): AudienceState => ({
  known: {},
  inside: {},
  marks: {},
  facts: {},
  served: {},
})

/** A profile entered or left an audience. Times in ms. */
export interface MembershipChange {
  audience: string
  slug: string
  event: 'enter' | 'exit'
  enter_ms: number
  exit_ms?: number
}

/** The changes of a profile at one instant. */
export interface Step {
  at_ms: number
  changes: MembershipChange[]
  /** The one connection to send them to: existing members, for a connection with Existing Users. */
  only?: string
  /**
   * For members who were there when the audience was created: counted, but sent to no connection.
   */
  silent?: true
}

/** What an upload contains of the events and fields that rules need. */
export interface Observations {
  marks: Record<string, Mark[]>
  facts: JsonObject
}

interface Evaluation {
  state: AudienceState
  changes: MembershipChange[]
  /** Memberships in audiences under which the profile was not evaluated before. */
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

// Alarms are 64-bit nanoseconds, which end in 2262. Changes after this date are not waited for.
const farthestDueMs = Date.UTC(2200, 0, 1)

/** Evaluates all audiences at one instant. */
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
  const state: AudienceState = { ...before, known: set.known, inside, due_ms: due }
  if (due > farthestDueMs) delete state.due_ms
  return { state, changes, found }
}

/** Whether a profile was last evaluated under these rules. */
export const isEvaluatedUnder = (
  { audiences, known: all }: AudienceSet,
  { known }: AudienceState
): boolean =>
  known === all ||
  (audiences.length === Object.keys(known).length &&
    audiences.every(({ id, hash }) => own(known, id) === hash))

/** The state of a new profile, which is in no audience. */
export const newAudienceState = (set: AudienceSet): AudienceState => ({
  ...emptyAudienceState(),
  known: set.known,
})

/** A profile's state after some changes, and the changes. */
export interface Progress {
  state: AudienceState
  steps: Step[]
}

/**
 * Brings memberships up to `now`, without an upload: evaluates them at each instant at which time
 * changes one, and under rules that are new.
 *
 * @param now ms
 */
export const advance = (
  set: AudienceSet,
  state: AudienceState,
  { field, now }: { field: Field; now: number }
): Progress => {
  const steps: Step[] = []
  let current = state
  const evaluateAt = (ms: number): void => {
    const { state: next, changes, found } = evaluateAll(set, current, { field, now: ms })
    current = next
    if (found.length > 0) steps.push({ at_ms: ms, changes: found, silent: true })
    if (changes.length > 0) steps.push({ at_ms: ms, changes })
  }
  while (current.due_ms !== undefined && current.due_ms <= now) evaluateAt(current.due_ms)
  if (!isEvaluatedUnder(set, current)) evaluateAt(now)
  return { state: current, steps }
}

/** Adds an upload's observations to the state, and removes what no rule needs. */
const addObservations = (
  set: AudienceSet,
  state: AudienceState,
  observations: Observations,
  now: number
): AudienceState => {
  const marks: Record<string, Marks> = {}
  for (const [key, { need }] of set.events) {
    const added = observations.marks[key] ?? []
    const known = state.marks[key]
    if (!known && added.length === 0) continue
    const updated = updateMarks(known, added, { need, now })
    if (updated.n !== undefined || (updated.t?.length ?? 0) > 0) marks[key] = updated
  }
  const facts = Object.fromEntries(
    set.facts.flatMap((name) => {
      const value = observations.facts[name] ?? state.facts[name]
      return value === undefined ? [] : [[name, value]]
    })
  )
  return { ...state, marks, facts }
}

/**
 * Adds an upload's observations and evaluates all audiences. Call `advance` up to the millisecond
 * before first: an event that leaves a window in the millisecond in which the upload arrives must
 * not cause a change of its own.
 *
 * @param field the profile's fields after the upload
 */
export const applyObservations = (
  set: AudienceSet,
  state: AudienceState,
  {
    observations,
    field,
    now,
  }: { observations: Observations; field: (facts: JsonObject) => Field; now: number }
): Progress => {
  const after = addObservations(set, state, observations, now)
  const { state: next, changes } = evaluateAll(set, after, { field: field(after.facts), now })
  return { state: next, steps: changes.length > 0 ? [{ at_ms: now, changes }] : [] }
}

/**
 * A connection with Existing Users on: it gets an enter event of users who are already in its
 * audiences.
 */
export interface ExistingUsers {
  connection: string
  audiences: string[]
}

/** Whether `enterExisting` has nothing to do. */
export const hasEnteredExisting = (
  { served }: AudienceState,
  existingUsers: ExistingUsers[],
  paused: string[]
): boolean =>
  Object.keys(served).every(
    (id) => paused.includes(id) || existingUsers.some(({ connection }) => connection === id)
  ) &&
  existingUsers.every(({ connection, audiences }) => {
    const known = own(served, connection)
    return known?.length === audiences.length && audiences.every((id) => known.includes(id))
  })

interface Entering {
  existingUsers: ExistingUsers[]
  /** Disabled connections, whose `served` is retained. */
  paused: string[]
  now: number
  /** Audiences with a change that all connections get anyway. */
  changed: Set<string>
}

/** Makes, once per connection with Existing Users, the enter events of existing memberships. */
export const enterExisting = (
  set: AudienceSet,
  state: AudienceState,
  { existingUsers, paused, now, changed }: Entering
): Progress => {
  const served = Object.fromEntries(
    Object.entries(state.served).filter(([connection]) => paused.includes(connection))
  )
  const steps: Step[] = []
  for (const { connection, audiences } of existingUsers) {
    const known = new Set(own(state.served, connection))
    served[connection] = audiences
    const changes = set.audiences.flatMap(({ id, slug }): MembershipChange[] => {
      const since = own(state.inside, id)
      if (since === undefined || changed.has(id)) return []
      if (known.has(id) || !audiences.includes(id)) return []
      return [{ audience: id, slug, event: 'enter', enter_ms: since }]
    })
    if (changes.length > 0) steps.push({ at_ms: now, changes, only: connection })
  }
  return { state: { ...state, served }, steps }
}
