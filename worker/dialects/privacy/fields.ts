import { exactText, isObject, type Json, type JsonObject, omit } from '../../base/json'
import { isEvent } from '../../batch'
import { truncateAddress } from './address'
import { redactChange, redactList } from './identities'
import type { FieldRules, Root } from './rules'

// All names that the map of a root has in any dialect.
const rootByName = new Map<string, Root>([
  ['user_identities', 'user_identities'],
  ['known_identities', 'user_identities'],
  ['hashed_identities', 'user_identities'],
  ['unread_identities', 'user_identities'],
  ['subject_identities', 'user_identities'],
  ['user_attributes', 'user_attributes'],
  ['user_attribute_lists', 'user_attributes'],
  ['custom_attributes', 'custom_attributes'],
  ['attributes', 'custom_attributes'],
  ['custom_flags', 'custom_flags'],
  ['partner_identities', 'partner_identities'],
  ['integration_attributes', 'integration_attributes'],
  ['device_info', 'device_info'],
  ['application_info', 'application_info'],
  ['context', 'context'],
])
// Maps with fields of known meaning, in which addresses and user agents are redacted as well. The
// names in all other maps are the owner's.
const standardRoots = new Set<Root>(['device_info', 'application_info', 'context'])
const addressNames = new Set(['ip', 'client_ip_address'])
const userAgentNames = new Set(['http_header_user_agent', 'user_agent'])
const deviceIdNames = new Set(['mp_deviceid', 'device_application_stamp'])

type Field = [name: string, value: Json | undefined]

const applyAction = (
  [name, value]: Field,
  rules: FieldRules,
  [root, ruleName]: [Root, string]
): Field[] => {
  const action = rules.actionFor(root, ruleName)
  if (action === 'drop') return []
  return [[name, action && value !== undefined ? hashValue(value, rules) : value]]
}

// An identity may be an object with its encoding.
const hashValue = (value: Json, rules: FieldRules): Json =>
  isObject(value) && value.encoding !== undefined
    ? { ...value, value: rules.hash(value.value ?? null) }
    : rules.hash(value)

const redactObject = (map: JsonObject, root: Root, rules: FieldRules): JsonObject =>
  Object.fromEntries(
    Object.entries(map).flatMap((field) => applyAction(field, rules, [root, field[0]]))
  )

/** Redacts the map of a root. Null for anything else, since no rule applies to it. */
const redactMap = (value: Json, root: Root, rules: FieldRules): Json => {
  if (!rules.has(root)) return value
  if (isObject(value)) return redactObject(value, root, rules)
  if (!Array.isArray(value)) return null
  if (root === 'user_identities') return redactList(value, rules)
  return value.flatMap((item) => (isObject(item) ? redactItem(item, root, rules) : []))
}

// The fields of a change of an attribute, as audiences have them.
const itemFields = ['key', 'action']
const itemValues = ['value', 'list_value']

/** Redacts an item of a list: a map, or a change with the name of an attribute in `key`. */
const redactItem = (item: JsonObject, root: Root, rules: FieldRules): JsonObject[] => {
  if (item.key === undefined) return [redactObject(item, root, rules)]
  const key = exactText(item.key)
  // Dropped, since it is unknown which attribute it is.
  if (typeof key !== 'string' && typeof key !== 'number') return []
  const action = rules.actionFor(root, String(key))
  if (action === 'drop') return []
  const fields = Object.entries(item).flatMap((field): Field[] => {
    const [name, value] = field
    if (itemFields.includes(name)) return [field]
    if (!itemValues.includes(name)) return applyAction(field, rules, [root, name])
    return [[name, action && value !== undefined ? rules.hash(value) : value]]
  })
  return [Object.fromEntries(fields)]
}

const redactAddress = ([name, value]: Field, { ip }: FieldRules): Field[] => {
  if (ip === 'keep') return [[name, value]]
  const text = exactText(value)
  const address = ip === 'truncate' && typeof text === 'string' ? truncateAddress(text) : ''
  return address === '' ? [] : [[name, address]]
}

const isFromAddress = (value: Json): boolean =>
  Array.isArray(value)
    ? value.some(isFromAddress)
    : isObject(value) && value.location_source === 'ip_lookup'

const redactField = (field: Field, rules: FieldRules): Field[] => {
  const [name, value] = field
  if (value === undefined || value === null) return [field]
  const root = rootByName.get(name)
  if (root) {
    const redacted = redactMap(value, root, rules)
    return [[name, standardRoots.has(root) ? redactFields(redacted, rules) : redacted]]
  }
  if (addressNames.has(name)) return redactAddress(field, rules)
  if (userAgentNames.has(name)) return rules.user_agent === 'drop' ? [] : [field]
  if (deviceIdNames.has(name)) return applyAction(field, rules, ['mp_deviceid', ''])
  if (name === 'location' && rules.ip === 'drop' && isFromAddress(value)) return []
  if (name === 'events' && Array.isArray(value)) return [[name, redactEvents(value, rules)]]
  return [[name, redactFields(value, rules)]]
}

const changeSides = ['new', 'old']
const changeLists = ['added', 'removed']

const redactAttributeChange = (data: JsonObject, rules: FieldRules): JsonObject => {
  const name = exactText(data.user_attribute_name)
  const action = typeof name === 'string' ? rules.actionFor('user_attributes', name) : undefined
  const redacted = action === 'drop' ? omit(data, changeSides) : data
  return Object.fromEntries(
    Object.entries(redacted).map(([field, value]): Field => {
      if (value === undefined || value === null) return [field, value]
      if (changeLists.includes(field)) return [field, redactMap(value, 'user_attributes', rules)]
      return [field, action && changeSides.includes(field) ? rules.hash(value) : value]
    })
  )
}

const redactIdentityChange = (data: JsonObject, rules: FieldRules): JsonObject =>
  Object.fromEntries(
    Object.entries(data).map(([field, value]): Field => {
      const isChange = [...changeSides, ...changeLists].includes(field)
      return [field, isChange ? redactChange(value, rules) : value]
    })
  )

// Events whose data holds the value of an attribute or identity, by the root of its rules.
const changeEvents = new Map<string, [Root, (data: JsonObject, rules: FieldRules) => JsonObject]>([
  ['user_attribute_change', ['user_attributes', redactAttributeChange]],
  ['user_identity_change', ['user_identities', redactIdentityChange]],
])

/** Redacts the data of an event, or of a list of events; null for data that has no fields. */
const redactData = (data: Json, type: Json | undefined, rules: FieldRules): Json => {
  if (Array.isArray(data)) return data.map((item) => redactData(item, type, rules))
  if (!isObject(data)) return rules.has('events') ? null : data
  const fields = rules.has('events') ? redactObject(data, 'events', rules) : data
  const [root, redact] = (typeof type === 'string' && changeEvents.get(type)) || []
  return redactFields(root && redact && rules.has(root) ? redact(fields, rules) : fields, rules)
}

const redactEvent = (event: JsonObject, rules: FieldRules): JsonObject => {
  const { data, ...rest } = event
  const redacted = redactEntries(rest, rules)
  return data === undefined
    ? redacted
    : { ...redacted, data: redactData(data, event.event_type, rules) }
}

// Also events without a type, which are kept as rejected.
const redactEvents = (list: Json[], rules: FieldRules): Json[] =>
  list.map((event) => (isObject(event) ? redactEvent(event, rules) : redactFields(event, rules)))

const redactEntries = (object: JsonObject, rules: FieldRules): JsonObject =>
  Object.fromEntries(Object.entries(object).flatMap((field) => redactField(field, rules)))

/** Drops and hashes fields of a parsed body by the rules of its input, at any depth. */
export const redactFields = (value: Json, rules: FieldRules): Json => {
  if (Array.isArray(value)) return value.map((item) => redactFields(item, rules))
  if (!isObject(value)) return value
  return isEvent(value) ? redactEvent(value, rules) : redactEntries(value, rules)
}
