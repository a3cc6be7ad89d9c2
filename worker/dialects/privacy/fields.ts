import { exactText, isObject, type Json, type JsonObject, omit } from '../../base/json'
import { isEvent } from '../../batch'
import { truncateAddress } from './address'
import { governChanged, governList } from './identities'
import type { FieldRules, Root } from './rules'

// Under which names the maps of a root go, over all dialects.
const maps = new Map<string, Root>([
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
// Of these weir knows what else can be in them; the others are the owner's own words.
const described = new Set<Root>(['device_info', 'application_info', 'context'])
const addresses = new Set(['ip', 'client_ip_address'])
const agents = new Set(['http_header_user_agent', 'user_agent'])
const stamps = new Set(['mp_deviceid', 'device_application_stamp'])

type Field = [name: string, value: Json | undefined]

const byAction = (
  [name, value]: Field,
  rules: FieldRules,
  [root, own]: [Root, string]
): Field[] => {
  const action = rules.actionFor(root, own)
  if (action === 'drop') return []
  return [[name, action && value !== undefined ? hashed(value, rules) : value]]
}

// An identity may come with its encoding.
const hashed = (value: Json, rules: FieldRules): Json =>
  isObject(value) && value.encoding !== undefined
    ? { ...value, value: rules.hash(value.value ?? null) }
    : rules.hash(value)

const governObject = (map: JsonObject, root: Root, rules: FieldRules): JsonObject =>
  Object.fromEntries(
    Object.entries(map).flatMap((field) => byAction(field, rules, [root, field[0]]))
  )

/** A map of a root; null for what is none, since no rule can tell what is in it. */
const governMap = (value: Json, root: Root, rules: FieldRules): Json => {
  if (!rules.has(root)) return value
  if (isObject(value)) return governObject(value, root, rules)
  if (!Array.isArray(value)) return null
  if (root === 'user_identities') return governList(value, rules)
  return value.flatMap((one) => (isObject(one) ? governItem(one, root, rules) : []))
}

// What an item says, and in which way.
const itemFields = ['key', 'action']
const itemValues = ['value', 'list_value']

/** One of a list: a map, or, as changes of audiences have them, a name with its value. */
const governItem = (item: JsonObject, root: Root, rules: FieldRules): JsonObject[] => {
  if (item.key === undefined) return [governObject(item, root, rules)]
  const key = exactText(item.key)
  // Nobody can tell what this is the value of.
  if (typeof key !== 'string' && typeof key !== 'number') return []
  const action = rules.actionFor(root, String(key))
  if (action === 'drop') return []
  const fields = Object.entries(item).flatMap((field): Field[] => {
    const [name, value] = field
    if (itemFields.includes(name)) return [field]
    if (!itemValues.includes(name)) return byAction(field, rules, [root, name])
    return [[name, action && value !== undefined ? rules.hash(value) : value]]
  })
  return [Object.fromEntries(fields)]
}

const governAddress = ([name, value]: Field, { ip }: FieldRules): Field[] => {
  if (ip === 'keep') return [[name, value]]
  const text = exactText(value)
  const address = ip === 'truncate' && typeof text === 'string' ? truncateAddress(text) : ''
  return address === '' ? [] : [[name, address]]
}

const isOfAddress = (value: Json): boolean =>
  Array.isArray(value)
    ? value.some(isOfAddress)
    : isObject(value) && value.location_source === 'ip_lookup'

const governField = (field: Field, rules: FieldRules): Field[] => {
  const [name, value] = field
  if (value === undefined || value === null) return [field]
  const root = maps.get(name)
  if (root) {
    const governed = governMap(value, root, rules)
    return [[name, described.has(root) ? governFields(governed, rules) : governed]]
  }
  if (addresses.has(name)) return governAddress(field, rules)
  if (agents.has(name)) return rules.user_agent === 'drop' ? [] : [field]
  if (stamps.has(name)) return byAction(field, rules, ['mp_deviceid', ''])
  if (name === 'location' && rules.ip === 'drop' && isOfAddress(value)) return []
  if (name === 'events' && Array.isArray(value)) return [[name, governEvents(value, rules)]]
  return [[name, governFields(value, rules)]]
}

const changeSides = ['new', 'old']
const changeLists = ['added', 'removed']

const attributeChange = (data: JsonObject, rules: FieldRules): JsonObject => {
  const name = exactText(data.user_attribute_name)
  const action = typeof name === 'string' ? rules.actionFor('user_attributes', name) : undefined
  const governed = action === 'drop' ? omit(data, changeSides) : data
  return Object.fromEntries(
    Object.entries(governed).map(([field, value]): Field => {
      if (value === undefined || value === null) return [field, value]
      if (changeLists.includes(field)) return [field, governMap(value, 'user_attributes', rules)]
      return [field, action && changeSides.includes(field) ? rules.hash(value) : value]
    })
  )
}

const identityChange = (data: JsonObject, rules: FieldRules): JsonObject =>
  Object.fromEntries(
    Object.entries(data).map(([field, value]): Field => {
      const isChange = [...changeSides, ...changeLists].includes(field)
      return [field, isChange ? governChanged(value, rules) : value]
    })
  )

const changes = new Map<string, [Root, (data: JsonObject, rules: FieldRules) => JsonObject]>([
  ['user_attribute_change', ['user_attributes', attributeChange]],
  ['user_identity_change', ['user_identities', identityChange]],
])

/** The data of an event, or of each that a list has; null for what no rule can tell the fields of. */
const governData = (data: Json, type: Json | undefined, rules: FieldRules): Json => {
  if (Array.isArray(data)) return data.map((one) => governData(one, type, rules))
  if (!isObject(data)) return rules.has('events') ? null : data
  const fields = rules.has('events') ? governObject(data, 'events', rules) : data
  const [root, change] = (typeof type === 'string' && changes.get(type)) || []
  return governFields(root && change && rules.has(root) ? change(fields, rules) : fields, rules)
}

const governEvent = (event: JsonObject, rules: FieldRules): JsonObject => {
  const { data, ...rest } = event
  const governed = walk(rest, rules)
  return data === undefined
    ? governed
    : { ...governed, data: governData(data, event.event_type, rules) }
}

// Also those without a type, which are kept as rejected.
const governEvents = (list: Json[], rules: FieldRules): Json[] =>
  list.map((one) => (isObject(one) ? governEvent(one, rules) : governFields(one, rules)))

const walk = (object: JsonObject, rules: FieldRules): JsonObject =>
  Object.fromEntries(Object.entries(object).flatMap((field) => governField(field, rules)))

/** Takes out of a parsed body what its input's rules are about, wherever it stands. */
export const governFields = (value: Json, rules: FieldRules): Json => {
  if (Array.isArray(value)) return value.map((one) => governFields(one, rules))
  if (!isObject(value)) return value
  return isEvent(value) ? governEvent(value, rules) : walk(value, rules)
}
