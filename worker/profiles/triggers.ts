import type { AudienceSet } from '../audiences/compile'
import {
  type AudienceState,
  advance,
  applyObservations,
  type ExistingUsers,
  emptyAudienceState,
  enterExisting,
  hasEnteredExisting,
  isEvaluatedUnder,
  newAudienceState,
  type Observations,
  type Progress,
  type Step,
} from '../audiences/membership'
import type { Field } from '../audiences/query'
import type { Trigger } from '../audiences/trigger'
import { type JsonObject, own, stringifyJson } from '../base/json'
import type { ProfileState } from './attributes'
import { type Head, nextDueMs } from './batching'

/** What a profile needs of the workspace to evaluate audiences. */
export interface Rules {
  set: AudienceSet
  /** Enabled connections with Existing Users on. */
  existingUsers: ExistingUsers[]
  /** Ids of disabled connections with Existing Users on: what they were sent is remembered. */
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

/** The new state of memberships, and the triggers for their changes, as JSON text. */
export interface Raised {
  state: AudienceState
  triggers: string[]
}

interface Moment {
  /** ms */
  now: number
  createdMs: number
}

/** Brings a profile's memberships up to now, without an upload. */
export const raiseByTime = (
  rules: Rules,
  state: ProfileState,
  { now, createdMs }: Moment
): Raised => {
  const { set, existingUsers, paused, version } = rules
  const known = state.audiences ?? emptyAudienceState()
  const advanced = advance(set, known, { field: fieldOf(state, known.facts), now })
  const changed = new Set(
    advanced.steps
      .filter((step) => !step.silent)
      .flatMap((step) => step.changes.map(({ audience }) => audience))
  )
  const entered = enterExisting(set, advanced.state, { existingUsers, paused, now, changed })
  const steps = [...advanced.steps, ...entered.steps]
  return { state: { ...entered.state, version }, triggers: triggersOf(steps, state, createdMs) }
}

/** Whether time, new rules or new connections may change something for a profile. */
export const isDue = (
  { set, existingUsers, paused }: Rules,
  state: AudienceState | undefined,
  now: number
): boolean =>
  state === undefined
    ? set.audiences.length > 0
    : !isEvaluatedUnder(set, state) ||
      (state.due_ms !== undefined && state.due_ms <= now) ||
      !hasEnteredExisting(state, existingUsers, paused)

const newProfile = ({ set, existingUsers }: Rules, now: number): Progress => {
  const state = newAudienceState(set)
  return enterExisting(set, state, { existingUsers, paused: [], now, changed: new Set() })
}

/**
 * Evaluates a profile's audiences when an upload arrives.
 *
 * @param before the state before the upload; undefined for the first upload of a profile
 */
export const raiseByUpload = (
  rules: Rules,
  {
    before,
    after,
    observations,
  }: { before?: ProfileState; after: ProfileState; observations: Observations | undefined },
  { now, createdMs }: Moment
): Raised => {
  const earlier = before
    ? raiseByTime(rules, before, { now: now - 1, createdMs })
    : { state: newProfile(rules, now).state, triggers: [] }
  const applied = applyObservations(rules.set, earlier.state, {
    observations: observations ?? { marks: {}, facts: {} },
    field: (facts) => fieldOf(after, facts),
    now,
  })
  return {
    state: { ...applied.state, version: rules.version },
    triggers: [...earlier.triggers, ...triggersOf(applied.steps, after, createdMs)],
  }
}

const longestWindowMs = 90 * 86_400_000

/** Whether rules may still need what a profile stores for audiences, without further uploads. */
export const isNeeded = (state: AudienceState | undefined, now: number): boolean =>
  state !== undefined &&
  (state.due_ms !== undefined ||
    Object.keys(state.inside).length > 0 ||
    Object.values(state.marks).some(({ t }) => (t?.at(-1) ?? 0) + longestWindowMs > now))

/**
 * When to evaluate a profile again, ms. Date rules make many profiles due at the same full minute,
 * so these are spread over the minute that follows; the times in their triggers stay exact.
 */
const wakeMs = (state: AudienceState | undefined, mpid: string): number | undefined => {
  if (state?.due_ms === undefined) return undefined
  const isRound = state.due_ms % 60_000 === 0
  return state.due_ms + (isRound ? Number(BigInt.asUintN(64, BigInt(mpid)) % 60_000n) : 0)
}

/** When a profile has something to do next, for its windows or its memberships, ms. */
export const dueMs = (head: Head, { audiences }: ProfileState): number | undefined => {
  const due = [nextDueMs(head), wakeMs(audiences, head.mpid)].filter((ms) => ms !== undefined)
  return due.length > 0 ? Math.min(...due) : undefined
}
