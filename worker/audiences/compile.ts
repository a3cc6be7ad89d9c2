import { fnv1a64Hex } from '../base/hash'
import { evaluateDate } from './date-leaf'
import {
  compileEvent,
  type Evaluated,
  type EventLeaf,
  evaluateEvent,
  sharedNeed,
} from './event-leaf'
import type { EventView } from './event-view'
import { type MarkNeed, type Marks, withinBudget } from './marks'
import { compileQuery, type Field, queryFields } from './query'
import type { Audience, Rule } from './rule'

/** What rules are evaluated on. */
export interface View {
  field: Field
  marks: (key: string) => Marks | undefined
  isMember: (audience: string) => boolean
  /** ms */
  now: number
}

/** A part of a rule with what became of it, for people. */
export interface Reason {
  rule: string
  value: boolean
  /** ms; absent when time alone does not change it. */
  next_ms?: number
  parts?: Reason[]
}

interface Node {
  evaluate: (view: View) => Evaluated
  explain: (view: View) => Reason
}

export interface CompiledAudience {
  id: string
  slug: string
  /** Another one after each change of the rule. */
  hash: string
  node: Node
}

/** All audiences of a workspace. */
export interface AudienceSet {
  /** Those that others ask for come first. */
  audiences: CompiledAudience[]
  /** Their hashes by id: what a profile that has met all of them knows. */
  known: Record<string, string>
  /** The conditions on events, each once, with what its marks must serve. */
  events: Map<string, { leaf: EventLeaf; need: MarkNeed }>
  /** The conditions that an event may meet. */
  leavesFor: (event: EventView) => EventLeaf[]
  /** The fields beside user attributes and identities that rules read: `device.model`. */
  facts: string[]
}

const never = Number.POSITIVE_INFINITY

const leafNode = (rule: string, evaluate: Node['evaluate']): Node => ({
  evaluate,
  explain: (view) => {
    const { value, next } = evaluate(view)
    return { rule, value, ...(next === never ? {} : { next_ms: next }) }
  },
})

const groupNode = (rule: string, parts: Node[], combine: (values: boolean[]) => boolean): Node => ({
  evaluate: (view) => {
    const all = parts.map((part) => part.evaluate(view))
    return {
      value: combine(all.map((one) => one.value)),
      next: Math.min(never, ...all.map((one) => one.next)),
    }
  },
  explain: (view) => {
    const reasons = parts.map((part) => part.explain(view))
    return { rule, value: combine(reasons.map((one) => one.value)), parts: reasons }
  },
})

interface Compiling {
  events: AudienceSet['events']
  facts: Set<string>
}

const isFact = (name: string): boolean => /^(device|application)\./.test(name)

const addEvent = ({ events }: Compiling, leaf: EventLeaf): void => {
  const known = events.get(leaf.key)
  events.set(leaf.key, { leaf, need: known ? sharedNeed(known.need, leaf.need) : leaf.need })
}

const compileRule = (rule: Rule, compiling: Compiling): Node => {
  const list = (rules: Rule[]) => rules.map((one) => compileRule(one, compiling))
  if ('all' in rule) return groupNode('all', list(rule.all), (values) => values.every(Boolean))
  if ('any' in rule) return groupNode('any', list(rule.any), (values) => values.some(Boolean))
  if ('not' in rule) return groupNode('not', list([rule.not]), ([value]) => !value)
  if ('audience' in rule) {
    const { audience } = rule
    return leafNode(`audience ${audience}`, (view) => ({
      value: view.isMember(audience),
      next: never,
    }))
  }
  if ('date' in rule) {
    const { date } = rule
    noteFacts([date.attribute], compiling)
    const text = `date ${JSON.stringify(date)}`
    return leafNode(text, (view) => evaluateDate(date, view.field(date.attribute), view.now))
  }
  if ('attribute' in rule) {
    const matches = compileQuery(rule.attribute)
    noteFacts(queryFields(rule.attribute), compiling)
    const text = `attribute ${JSON.stringify(rule.attribute)}`
    return leafNode(text, (view) => ({ value: matches(view.field), next: never }))
  }
  const leaf = compileEvent(rule.event)
  addEvent(compiling, leaf)
  const text = `event ${JSON.stringify(rule.event)}`
  return leafNode(text, (view) => evaluateEvent(leaf, view.marks(leaf.key), view.now))
}

const noteFacts = (names: string[], { facts }: Compiling): void => {
  for (const name of names) if (isFact(name)) facts.add(name)
}

/** The audiences that a rule asks for. */
export const askedAudiences = (rule: Rule): string[] => {
  if ('all' in rule) return rule.all.flatMap(askedAudiences)
  if ('any' in rule) return rule.any.flatMap(askedAudiences)
  if ('not' in rule) return askedAudiences(rule.not)
  return 'audience' in rule ? [rule.audience] : []
}

/**
 * Audiences in an order in which each comes after those that it asks for.
 *
 * @returns the ids that ask for each other in a circle, if any do
 */
export const inOrder = <T extends Pick<Audience, 'id' | 'rule'>>(
  audiences: T[]
): { ordered: T[]; circle: string[] } => {
  const ordered: T[] = []
  let waiting = audiences
  while (waiting.length > 0) {
    const isWaiting = new Set(waiting.map(({ id }) => id))
    const ready = waiting.filter(
      ({ rule }) => !askedAudiences(rule).some((id) => isWaiting.has(id))
    )
    if (ready.length === 0) return { ordered, circle: waiting.map(({ id }) => id) }
    ordered.push(...ready)
    waiting = waiting.filter((one) => !ready.includes(one))
  }
  return { ordered, circle: [] }
}

/** Finds by name, or by type where no name is asked for: an upload has many events, a shop many rules. */
const leavesBy = (leaves: EventLeaf[]): AudienceSet['leavesFor'] => {
  const byName = new Map<unknown, EventLeaf[]>()
  const byType = new Map<unknown, EventLeaf[]>()
  for (const leaf of leaves) {
    const [index, word] = leaf.name === undefined ? [byType, leaf.type] : [byName, leaf.name]
    index.set(word, [...(index.get(word) ?? []), leaf])
  }
  return ({ name, type }) => [...(byName.get(name) ?? []), ...(byType.get(type) ?? [])]
}

/** Checked audiences, ready for use. */
export const compileAudiences = (given: Audience[]): AudienceSet => {
  const compiling: Compiling = { events: new Map(), facts: new Set() }
  const audiences = inOrder(given).ordered.map(({ id, slug = id, rule }) => ({
    id,
    slug,
    hash: fnv1a64Hex(JSON.stringify(rule)).slice(0, 8),
    node: compileRule(rule, compiling),
  }))
  const events = [...compiling.events.values()]
  const needs = withinBudget(events.map(({ need }) => need))
  return {
    audiences,
    known: Object.fromEntries(audiences.map(({ id, hash }) => [id, hash])),
    events: new Map(events.map(({ leaf }, i) => [leaf.key, { leaf, need: needs[i] ?? leaf.need }])),
    leavesFor: leavesBy(events.map(({ leaf }) => leaf)),
    facts: [...compiling.facts],
  }
}
