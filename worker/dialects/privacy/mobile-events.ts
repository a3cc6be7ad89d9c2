import { isObject, type Json, type JsonObject, omit } from '../../base/json'
import { objectOf, pick, redactNamed } from './mobile-context'
import type { FieldRules } from './rules'

const maxNameChars = 50

interface Maps {
  attributes: JsonObject
  metrics: JsonObject
}

// A hash is no number, so a hashed metric becomes an attribute.
const asAttribute = ({ attributes }: Maps, name: string, value: Json): JsonObject => {
  const freeName = [name, `${name} (metric)`].find((known) => !Object.hasOwn(attributes, known))
  return freeName === undefined || freeName.length > maxNameChars ? {} : { [freeName]: value }
}

const redactMaps = (maps: Maps, rules: FieldRules, customer: string | undefined): Maps => {
  const attributes: [string, Json | undefined][] = []
  const metrics: [string, Json | undefined][] = []
  const hashedMetrics: JsonObject[] = []
  for (const [name, value] of Object.entries(maps.attributes)) {
    const action =
      rules.actionFor('custom_attributes', name) ??
      (name === customer ? rules.actionFor('user_identities', 'customer_id') : undefined)
    if (action === 'drop') continue
    attributes.push([name, action ? rules.hash(value ?? null) : value])
  }
  for (const [name, value] of Object.entries(maps.metrics)) {
    const action = rules.actionFor('custom_attributes', name)
    if (!action) metrics.push([name, value])
    else if (action === 'hash') {
      hashedMetrics.push(asAttribute(maps, name, rules.hash(value ?? null)))
    }
  }
  const all = [...attributes, ...hashedMetrics.flatMap((metric) => Object.entries(metric))]
  return { attributes: Object.fromEntries(all), metrics: Object.fromEntries(metrics) }
}

const requiredFields = ['eventType', 'timestamp', 'version']
const mapFields = ['attributes', 'metrics']
const requiredSessionFields = ['id', 'startTimestamp']
const sessionFields = [...requiredSessionFields, 'stopTimestamp', 'duration']
// Fields that the dialect does not have are redacted as data of events, under their own names.
const unknownFields = { root: 'events' as const, names: new Map<string, string[]>() }

// A session needs id and start, and a hash fits into neither, so a rule for one drops the session.
const redactSession = (session: Json | undefined, rules: FieldRules): JsonObject => {
  if (!isObject(session)) return {}
  const hasRule = (name: string): boolean => rules.actionFor('events', name) !== undefined
  if (hasRule('session_uuid') || hasRule('session_start_unixtime_ms')) return {}
  const names = hasRule('session_duration_ms') ? requiredSessionFields : sessionFields
  const others = redactNamed(omit(session, sessionFields), unknownFields, rules)
  return { session: { ...pick(session, names), ...others } }
}

/**
 * Redacts an event of PutEvents.
 *
 * @param customer the attribute that holds the customer id
 */
export const redactMobileEvent = (
  event: Json,
  rules: FieldRules,
  customer: string | undefined
): Json => {
  if (!isObject(event)) return event
  const maps = { attributes: objectOf(event.attributes), metrics: objectOf(event.metrics) }
  const { attributes, metrics } = redactMaps(maps, rules, customer)
  const hasAttributes = event.attributes || Object.keys(attributes).length > 0
  return {
    ...redactNamed(omit(event, [...requiredFields, ...mapFields, 'session']), unknownFields, rules),
    ...pick(event, requiredFields),
    ...redactSession(event.session, rules),
    ...(hasAttributes ? { attributes } : {}),
    ...(event.metrics ? { metrics } : {}),
  }
}

/** An anonymous event: only the dialect's own fields, without session and customer. */
export const stripMobileEvent = (event: Json, customer: string | undefined): Json => {
  if (!isObject(event)) return event
  const attributes = omit(objectOf(event.attributes), customer === undefined ? [] : [customer])
  const fields = pick(event, [...requiredFields, 'metrics'])
  return { ...fields, ...(event.attributes ? { attributes } : {}) }
}
