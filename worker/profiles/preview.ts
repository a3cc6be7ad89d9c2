import {
  type AudienceSet,
  askedAudiences,
  compileAudiences,
  type Reason,
  type View,
} from '../audiences/compile'
import { compileEvent } from '../audiences/event-leaf'
import { keepMarks, type MarkNeed, type Marks } from '../audiences/marks'
import { noteBatch } from '../audiences/noted'
import type { Audience, EventRule, Rule } from '../audiences/rule'
import type { JsonObject } from '../base/json'
import type { BatchEvent } from '../batch'
import type { ProfileState } from './attributes'
import { fieldOf } from './triggers'

/** What becomes of a rule on a profile. */
export interface Preview {
  member: boolean
  why: Reason
  /** When time alone may change it, ms. */
  next_ms: number | null
  /**
   * Conditions on events that no saved rule asks for, or not so many or for so long: what the
   * profile knows of these is taken for all there is. As in `why`.
   */
  unknown_events?: string[]
  /** Fields that no saved rule asks for, so that the profile does not keep them. */
  unknown_fields?: string[]
}

/** A profile as somebody describes it. */
export interface DescribedProfile {
  attributes: JsonObject
  /** By type. */
  identities: Record<string, string>
  device: JsonObject
  application: JsonObject
  events: BatchEvent[]
}

interface Previewing {
  /** The audiences of the workspace, for rules that ask for others. */
  saved: Audience[]
  rule: Rule
  /** ms */
  now: number
}

// No audience can be called so.
const previewed = '@preview'

const setOf = ({ saved, rule }: Previewing): AudienceSet =>
  compileAudiences([...saved, { id: previewed, rule }])

const evaluate = (
  previewing: Previewing,
  set: AudienceSet,
  { field, marks }: Pick<View, 'field'> & { marks: Record<string, Marks> }
): Preview => {
  const { saved, rule, now } = previewing
  const rules = new Map(saved.map((one) => [one.id, one.rule])).set(previewed, rule)
  const members = new Map<string, boolean>()
  const nexts = new Map<string, number>()
  const never = Number.POSITIVE_INFINITY
  const nextOf = (id: string): number => nexts.get(id) ?? never
  const isMember = (id: string): boolean => members.get(id) ?? false
  const view: View = { field, now, marks: (key) => marks[key], isMember }
  let why: Reason = { rule: '', value: false }
  for (const { id, node } of set.audiences) {
    const { value, next } = node.evaluate(view)
    const own = rules.get(id)
    members.set(id, value)
    nexts.set(id, Math.min(next, ...(own ? askedAudiences(own).map(nextOf) : [])))
    if (id === previewed) why = node.explain(view)
  }
  const next = nextOf(previewed)
  return { member: isMember(previewed), why, next_ms: next === never ? null : next }
}

/** Tries a rule on a profile that somebody describes. Events without a time happen now. */
export const previewDescribed = (previewing: Previewing, profile: DescribedProfile): Preview => {
  const { attributes, identities, device, application, events } = profile
  const { now } = previewing
  const set = setOf(previewing)
  const batch = { device_info: device, application_info: application }
  const noted = noteBatch({ batch, events, problems: [] }, set, now)
  const marks = Object.fromEntries(
    [...set.events].map(([key, { need }]): [string, Marks] => [
      key,
      keepMarks(undefined, noted?.marks[key] ?? [], { need, now }),
    ])
  )
  const ofTypes = Object.entries(identities).map(([type, identity]) => [
    type,
    { identity, ms: now },
  ])
  const state = { attributes, identities: Object.fromEntries(ofTypes), consent: {} }
  return evaluate(previewing, set, { field: fieldOf(state, noted?.facts ?? {}), marks })
}

/**
 * Tries a rule on what a profile has. A profile keeps of its events only what saved rules ask for,
 * from when they were saved, so what a new rule asks for may be unknown; the answer names it.
 */
export const previewKnown = (previewing: Previewing, state: ProfileState): Preview => {
  const { marks = {}, facts = {} } = state.audiences ?? {}
  const preview = evaluate(previewing, setOf(previewing), { field: fieldOf(state, facts), marks })
  return { ...preview, ...unknownOf(previewing) }
}

const unknownOf = (previewing: Previewing): Pick<Preview, 'unknown_events' | 'unknown_fields'> => {
  const { saved, rule } = previewing
  const kept = compileAudiences(saved)
  const isKept = (event: EventRule): boolean => {
    const { key, need } = compileEvent(event)
    const known = kept.events.get(key)
    return known !== undefined && isEnough(known.need, need)
  }
  const events = eventRules(rule)
    .filter((event) => !isKept(event))
    .map((event) => `event ${JSON.stringify(event)}`)
  const asked = compileAudiences([{ id: previewed, rule }]).facts
  const fields = asked.filter((name) => !kept.facts.includes(name))
  return {
    ...(events.length > 0 ? { unknown_events: [...new Set(events)] } : {}),
    ...(fields.length > 0 ? { unknown_fields: fields } : {}),
  }
}

const isEnough = (kept: MarkNeed, asked: MarkNeed): boolean => {
  if (asked.windowMs === undefined) return true
  const isLong = (kept.windowMs ?? 0) >= asked.windowMs
  return isLong && (asked.of !== 'count' || kept.newest >= asked.newest)
}

const eventRules = (rule: Rule): EventRule[] => {
  if ('all' in rule) return rule.all.flatMap(eventRules)
  if ('any' in rule) return rule.any.flatMap(eventRules)
  if ('not' in rule) return eventRules(rule.not)
  return 'event' in rule ? [rule.event] : []
}
