import {
  type AudienceSet,
  compileAudiences,
  type Reason,
  referencedAudiences,
  type View,
} from '../audiences/compile'
import { compileEvent } from '../audiences/event-leaf'
import { type MarkNeed, type Marks, updateMarks } from '../audiences/marks'
import { observeBatch } from '../audiences/observations'
import type { Audience, EventRule, Rule } from '../audiences/rule'
import type { JsonObject } from '../base/json'
import type { BatchEvent } from '../batch'
import type { ProfileState } from './attributes'
import { fieldOf } from './triggers'

/** The result of a rule on a profile. */
export interface Preview {
  member: boolean
  why: Reason
  /** When the result may next change by time alone, ms. */
  next_ms: number | null
  /**
   * Conditions for which the profile may have too few events, since no saved rule needs as many or
   * for as long. They are worded as in `why`, and evaluated on the events that there are.
   */
  unknown_events?: string[]
  /** Fields that the profile does not store, since no saved rule needs them. */
  unknown_fields?: string[]
}

/** A profile as described in a request. */
export interface DescribedProfile {
  attributes: JsonObject
  /** By type. */
  identities: Record<string, string>
  device: JsonObject
  application: JsonObject
  events: BatchEvent[]
}

interface Previewing {
  /** The audiences of the workspace, which the rule may refer to. */
  saved: Audience[]
  rule: Rule
  /** ms */
  now: number
}

// The id of the previewId audience. Ids of saved ones cannot begin with @.
const previewId = '@preview'

const setOf = ({ saved, rule }: Previewing): AudienceSet =>
  compileAudiences([...saved, { id: previewId, rule }])

const evaluate = (
  previewing: Previewing,
  set: AudienceSet,
  { field, marks }: Pick<View, 'field'> & { marks: Record<string, Marks> }
): Preview => {
  const { saved, rule, now } = previewing
  const rules = new Map(saved.map((audience) => [audience.id, audience.rule])).set(previewId, rule)
  const members = new Map<string, boolean>()
  const nexts = new Map<string, number>()
  const never = Number.POSITIVE_INFINITY
  const nextOf = (id: string): number => nexts.get(id) ?? never
  const isMember = (id: string): boolean => members.get(id) ?? false
  const view: View = { field, now, marks: (key) => marks[key], isMember }
  let why: Reason = { rule: '', value: false }
  for (const { id, node } of set.audiences) {
    const { value, next } = node.evaluate(view)
    const ruleOfId = rules.get(id)
    members.set(id, value)
    nexts.set(id, Math.min(next, ...(ruleOfId ? referencedAudiences(ruleOfId).map(nextOf) : [])))
    if (id === previewId) why = node.explain(view)
  }
  const next = nextOf(previewId)
  return { member: isMember(previewId), why, next_ms: next === never ? null : next }
}

/** Evaluates a rule on a profile that a request describes. Events without a time happen now. */
export const previewDescribed = (previewing: Previewing, profile: DescribedProfile): Preview => {
  const { attributes, identities, device, application, events } = profile
  const { now } = previewing
  const set = setOf(previewing)
  const batch = { device_info: device, application_info: application }
  const observations = observeBatch({ batch, events, problems: [] }, set, now)
  const marks = Object.fromEntries(
    [...set.events].map(([key, { need }]): [string, Marks] => [
      key,
      updateMarks(undefined, observations?.marks[key] ?? [], { need, now }),
    ])
  )
  const identityEntries = Object.entries(identities).map(([type, identity]) => [
    type,
    { identity, ms: now },
  ])
  const state = { attributes, identities: Object.fromEntries(identityEntries), consent: {} }
  return evaluate(previewing, set, { field: fieldOf(state, observations?.facts ?? {}), marks })
}

/**
 * Evaluates a rule on a stored profile. A profile stores only what saved rules need, from when they
 * were saved, so a new rule may need more; the result names what is missing.
 */
export const previewKnown = (previewing: Previewing, state: ProfileState): Preview => {
  const { marks = {}, facts = {} } = state.audiences ?? {}
  const preview = evaluate(previewing, setOf(previewing), { field: fieldOf(state, facts), marks })
  return { ...preview, ...unknownOf(previewing) }
}

const unknownOf = (previewing: Previewing): Pick<Preview, 'unknown_events' | 'unknown_fields'> => {
  const { saved, rule } = previewing
  const stored = compileAudiences(saved)
  const isStored = (event: EventRule): boolean => {
    const { key, need } = compileEvent(event)
    const known = stored.events.get(key)
    return known !== undefined && isEnough(known.need, need)
  }
  const events = eventRules(rule)
    .filter((event) => !isStored(event))
    .map((event) => `event ${JSON.stringify(event)}`)
  const needed = compileAudiences([{ id: previewId, rule }]).facts
  const fields = needed.filter((name) => !stored.facts.includes(name))
  return {
    ...(events.length > 0 ? { unknown_events: [...new Set(events)] } : {}),
    ...(fields.length > 0 ? { unknown_fields: fields } : {}),
  }
}

const isEnough = (stored: MarkNeed, needed: MarkNeed): boolean => {
  if (needed.windowMs === undefined) return true
  const isLong = (stored.windowMs ?? 0) >= needed.windowMs
  return isLong && (needed.of !== 'count' || stored.newest >= needed.newest)
}

const eventRules = (rule: Rule): EventRule[] => {
  if ('all' in rule) return rule.all.flatMap(eventRules)
  if ('any' in rule) return rule.any.flatMap(eventRules)
  if ('not' in rule) return eventRules(rule.not)
  return 'event' in rule ? [rule.event] : []
}
