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

/** The result of a rule and of its parts, for the console. */
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
  /** Changes with the rule. */
  hash: string
  node: Node
}

/** All audiences of a workspace. */
export interface AudienceSet {
  /** In an order in which each comes after those that its rule refers to. */
  audiences: CompiledAudience[]
  /** Their hashes by id; a profile has a copy once it was evaluated under these rules. */
  known: Record<string, string>
  /** The conditions on events, each once, with what profiles must store for it. */
  events: Map<string, { leaf: EventLeaf; need: MarkNeed }>
  /** The conditions that an event may satisfy. */
  leavesFor: (event: EventView) => EventLeaf[]
  /** The fields that rules read besides user attributes and identities: `device.model`. */
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
    const results = parts.map((part) => part.evaluate(view))
    return {
      value: combine(results.map(({ value }) => value)),
      next: Math.min(never, ...results.map(({ next }) => next)),
    }
  },
  explain: (view) => {
    const reasons = parts.map((part) => part.explain(view))
    return { rule, value: combine(reasons.map(({ value }) => value)), parts: reasons }
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
  const list = (rules: Rule[]) => rules.map((child) => compileRule(child, compiling))
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
    addFacts([date.attribute], compiling)
    const text = `date ${JSON.stringify(date)}`
    return leafNode(text, (view) => evaluateDate(date, view.field(date.attribute), view.now))
  }
  if ('attribute' in rule) {
    const matches = compileQuery(rule.attribute)
    addFacts(queryFields(rule.attribute), compiling)
    const text = `attribute ${JSON.stringify(rule.attribute)}`
    return leafNode(text, (view) => ({ value: matches(view.field), next: never }))
  }
  const leaf = compileEvent(rule.event)
  addEvent(compiling, leaf)
  const text = `event ${JSON.stringify(rule.event)}`
  return leafNode(text, (view) => evaluateEvent(leaf, view.marks(leaf.key), view.now))
}

const addFacts = (names: string[], { facts }: Compiling): void => {
  for (const name of names) if (isFact(name)) facts.add(name)
}

/** The audiences that a rule refers to. */
export const referencedAudiences = (rule: Rule): string[] => {
  if ('all' in rule) return rule.all.flatMap(referencedAudiences)
  if ('any' in rule) return rule.any.flatMap(referencedAudiences)
  if ('not' in rule) return referencedAudiences(rule.not)
  return 'audience' in rule ? [rule.audience] : []
}

/**
 * Sorts audiences so that each comes after those that its rule refers to.
 *
 * @returns `circle`: the ids that cannot be sorted, because they are in a circle or refer to one
 */
export const inOrder = <T extends Pick<Audience, 'id' | 'rule'>>(
  audiences: T[]
): { ordered: T[]; circle: string[] } => {
  const ordered: T[] = []
  let waiting = audiences
  while (waiting.length > 0) {
    const isWaiting = new Set(waiting.map(({ id }) => id))
    const ready = waiting.filter(
      ({ rule }) => !referencedAudiences(rule).some((id) => isWaiting.has(id))
    )
    if (ready.length === 0) return { ordered, circle: waiting.map(({ id }) => id) }
    ordered.push(...ready)
    waiting = waiting.filter((audience) => !ready.includes(audience))
  }
  return { ordered, circle: [] }
}

/** An index of conditions by event name, or by type for those without a name. */
const leavesBy = (leaves: EventLeaf[]): AudienceSet['leavesFor'] => {
  const byName = new Map<unknown, EventLeaf[]>()
  const byType = new Map<unknown, EventLeaf[]>()
  for (const leaf of leaves) {
    const [index, key] = leaf.name === undefined ? [byType, leaf.type] : [byName, leaf.name]
    index.set(key, [...(index.get(key) ?? []), leaf])
  }
  return ({ name, type }) => [...(byName.get(name) ?? []), ...(byType.get(type) ?? [])]
}

/** Compiles audiences whose rules were checked. */
export const compileAudiences = (checked: Audience[]): AudienceSet => {
  const compiling: Compiling = { events: new Map(), facts: new Set() }
  const audiences = inOrder(checked).ordered.map(({ id, slug = id, rule }) => ({
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
