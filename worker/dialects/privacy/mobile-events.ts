import { isObject, type Json, type JsonObject, omit } from '../../base/json'
import { governNamed, objectOf, pick } from './mobile-context'
import type { FieldRules } from './rules'

const nameChars = 50

interface Maps {
  attributes: JsonObject
  metrics: JsonObject
}

// A hash is no number, so a metric that is hashed becomes an attribute.
const asAttribute = ({ attributes }: Maps, name: string, value: Json): JsonObject => {
  const free = [name, `${name} (metric)`].find((one) => !Object.hasOwn(attributes, one))
  return free === undefined || free.length > nameChars ? {} : { [free]: value }
}

const governMaps = (given: Maps, rules: FieldRules, customer: string | undefined): Maps => {
  const attributes: [string, Json | undefined][] = []
  const metrics: [string, Json | undefined][] = []
  const moved: JsonObject[] = []
  for (const [name, value] of Object.entries(given.attributes)) {
    const action =
      rules.actionFor('custom_attributes', name) ??
      (name === customer ? rules.actionFor('user_identities', 'customer_id') : undefined)
    if (action === 'drop') continue
    attributes.push([name, action ? rules.hash(value ?? null) : value])
  }
  for (const [name, value] of Object.entries(given.metrics)) {
    const action = rules.actionFor('custom_attributes', name)
    if (!action) metrics.push([name, value])
    else if (action === 'hash') moved.push(asAttribute(given, name, rules.hash(value ?? null)))
  }
  const all = [...attributes, ...moved.flatMap((one) => Object.entries(one))]
  return { attributes: Object.fromEntries(all), metrics: Object.fromEntries(metrics) }
}

const needed = ['eventType', 'timestamp', 'version']
const maps = ['attributes', 'metrics']
const ofSession = ['id', 'startTimestamp', 'stopTimestamp', 'duration']
// What is not the dialect's own is an event's data by the names that it has.
const unknown = { root: 'events' as const, names: new Map<string, string[]>() }

// A session must have its id and its start, and neither has room for a hash.
const governSession = (session: Json | undefined, rules: FieldRules): JsonObject => {
  if (!isObject(session)) return {}
  const isMeant = (name: string): boolean => rules.actionFor('events', name) !== undefined
  if (isMeant('session_uuid') || isMeant('session_start_unixtime_ms')) return {}
  const names = isMeant('session_duration_ms') ? ofSession.slice(0, 2) : ofSession
  const more = governNamed(omit(session, ofSession), unknown, rules)
  return { session: { ...pick(session, names), ...more } }
}

/** @param customer the attribute that names the customer */
export const governMobileEvent = (
  event: Json,
  rules: FieldRules,
  customer: string | undefined
): Json => {
  if (!isObject(event)) return event
  const given = { attributes: objectOf(event.attributes), metrics: objectOf(event.metrics) }
  const { attributes, metrics } = governMaps(given, rules, customer)
  const hasAttributes = event.attributes || Object.keys(attributes).length > 0
  return {
    ...governNamed(omit(event, [...needed, ...maps, 'session']), unknown, rules),
    ...pick(event, needed),
    ...governSession(event.session, rules),
    ...(hasAttributes ? { attributes } : {}),
    ...(event.metrics ? { metrics } : {}),
  }
}

/** An event of nobody's: what the dialect knows of it, without its session. */
export const stripMobileEvent = (event: Json, customer: string | undefined): Json => {
  if (!isObject(event)) return event
  const attributes = omit(objectOf(event.attributes), customer === undefined ? [] : [customer])
  return { ...pick(event, [...needed, 'metrics']), ...(event.attributes ? { attributes } : {}) }
}
