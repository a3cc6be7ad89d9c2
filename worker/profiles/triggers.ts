import type { AudienceSet } from '../audiences/compile'
import {
  type AudienceState,
  arriveAt,
  type ExistingUsers,
  emptyAudienceState,
  hasMet,
  hasServed,
  meetAsNew,
  type Noted,
  type Step,
  serve,
  type Walked,
  walk,
} from '../audiences/membership'
import type { Field } from '../audiences/query'
import type { Trigger } from '../audiences/trigger'
import { type JsonObject, own, stringifyJson } from '../base/json'
import type { ProfileState } from './attributes'
import { type Head, nextDueMs } from './batching'

/** What a profile must know of the workspace to evaluate its audiences. */
export interface Rules {
  set: AudienceSet
  /** Connections that want to be told of users who were there before them. */
  wanting: ExistingUsers[]
  /** Likewise, but switched off: what they were told stays noted. */
  paused: string[]
  /** Of the workspace. */
  version: number
}

const identityPrefix = 'identities.'

/** The fields that rules read of a profile. */
export const fieldOf =
  ({ attributes, identities }: ProfileState, facts: JsonObject): Field =>
  (name) => {
    if (name.startsWith(identityPrefix)) {
      return own(identities, name.slice(identityPrefix.length))?.identity
    }
    return own(/^(device|application)\./.test(name) ? facts : attributes, name)
  }

const triggersOf = (steps: Step[], state: ProfileState, createdMs: number): string[] =>
  steps.map((step) => {
    const trigger: Trigger = {
      ...step,
      created_ms: createdMs,
      modified_ms: step.at_ms,
      attributes: state.attributes,
      identities: Object.fromEntries(
        Object.entries(state.identities).map(([type, { identity }]) => [type, identity])
      ),
    }
    return stringifyJson(trigger)
  })

/** Memberships after something happened, and the triggers that it raised, as JSON text. */
export interface Raised {
  state: AudienceState
  triggers: string[]
}

interface Moment {
  /** ms */
  now: number
  createdMs: number
}

/** Brings a profile up to now when nothing came in. */
export const raiseByTime = (
  rules: Rules,
  state: ProfileState,
  { now, createdMs }: Moment
): Raised => {
  const { set, wanting, paused, version } = rules
  const known = state.audiences ?? emptyAudienceState()
  const walked = walk(set, known, { field: fieldOf(state, known.facts), now })
  const told = new Set(
    walked.steps.flatMap((one) => (one.silent ? [] : one.changes.map(({ audience }) => audience)))
  )
  const served = serve(set, walked.state, { wanting, paused, now, told })
  const steps = [...walked.steps, ...served.steps]
  return { state: { ...served.state, version }, triggers: triggersOf(steps, state, createdMs) }
}

/** Whether time, new rules or new connections may have something to say of a profile. */
export const isDue = (
  { set, wanting, paused }: Rules,
  state: AudienceState | undefined,
  now: number
): boolean =>
  state === undefined
    ? set.audiences.length > 0
    : !hasMet(set, state) ||
      (state.due_ms !== undefined && state.due_ms <= now) ||
      !hasServed(state, wanting, paused)

const begin = ({ set, wanting }: Rules, now: number): Walked =>
  serve(set, meetAsNew(set), { wanting, paused: [], now, told: new Set() })

/**
 * Evaluates a profile when an upload comes in.
 *
 * @param before what was known of the user; undefined when this upload is the first
 */
export const raiseByUpload = (
  rules: Rules,
  {
    before,
    after,
    noted,
  }: { before?: ProfileState; after: ProfileState; noted: Noted | undefined },
  { now, createdMs }: Moment
): Raised => {
  const earlier = before
    ? raiseByTime(rules, before, { now: now - 1, createdMs })
    : { state: begin(rules, now).state, triggers: [] }
  const arrived = arriveAt(rules.set, earlier.state, {
    noted: noted ?? { marks: {}, facts: {} },
    field: (facts) => fieldOf(after, facts),
    now,
  })
  return {
    state: { ...arrived.state, version: rules.version },
    triggers: [...earlier.triggers, ...triggersOf(arrived.steps, after, createdMs)],
  }
}

const longestWindowMs = 90 * 86_400_000

/** Whether rules may still ask for what a profile has, however long it is silent. */
export const isAskedFor = (state: AudienceState | undefined, now: number): boolean =>
  state !== undefined &&
  (state.due_ms !== undefined ||
    Object.keys(state.inside).length > 0 ||
    Object.values(state.marks).some(({ t }) => (t?.at(-1) ?? 0) + longestWindowMs > now))

/**
 * When to wake a profile whose memberships time may change, ms. Dates are round, and the same for
 * many profiles, so these are spread over a minute; what is told of them stays exact.
 */
const wakeMs = (state: AudienceState | undefined, mpid: string): number | undefined => {
  if (state?.due_ms === undefined) return undefined
  const isRound = state.due_ms % 60_000 === 0
  return state.due_ms + (isRound ? Number(BigInt.asUintN(64, BigInt(mpid)) % 60_000n) : 0)
}

/** When something of a profile is due, ms: the earliest of what windows and memberships wait for. */
export const dueMs = (head: Head, { audiences }: ProfileState): number | undefined => {
  const due = [nextDueMs(head), wakeMs(audiences, head.mpid)].filter((ms) => ms !== undefined)
  return due.length > 0 ? Math.min(...due) : undefined
}
