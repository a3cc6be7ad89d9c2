import { uuidFrom } from '../../hash'
import { isObject, type Json, type JsonObject, omit, parseJson, stringifyJson } from '../../json'
import { readContext } from '../mobile-analytics/client-context'
import { readEvents } from '../mobile-analytics/events'
import { type MobileRequest, sdkToken } from '../mobile-analytics/request'
import type { FieldRules, Root } from './rules'

/** A request of Amazon Mobile Analytics, with the text of its body. */
export interface MobileUpload {
  request: MobileRequest
  body: string
}

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

const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})

const governEvent = (event: Json, rules: FieldRules, customer: string | undefined): Json => {
  if (!isObject(event)) return event
  const given = { attributes: objectOf(event.attributes), metrics: objectOf(event.metrics) }
  const { attributes, metrics } = governMaps(given, rules, customer)
  const hasAttributes = event.attributes || Object.keys(attributes).length > 0
  return {
    ...event,
    ...(hasAttributes ? { attributes } : {}),
    ...(event.metrics ? { metrics } : {}),
  }
}

// Where a client context says what a batch says elsewhere.
const contextFields: [part: string, field: string, root: Root, name: string][] = [
  ['client', 'app_title', 'application_info', 'application_name'],
  ['client', 'app_version_name', 'application_info', 'application_version'],
  ['client', 'app_version_code', 'application_info', 'application_build_number'],
  ['client', 'app_package_name', 'application_info', 'package'],
  ['env', 'platform', 'device_info', 'platform'],
  ['env', 'platform_version', 'device_info', 'os_version'],
  ['env', 'model', 'device_info', 'device_model'],
  ['env', 'make', 'device_info', 'device_manufacturer'],
  ['env', 'locale', 'device_info', 'locale_language'],
  ['env', 'locale', 'device_info', 'locale_country'],
]

const governContext = (context: JsonObject, rules: FieldRules, stranger: string): JsonObject => {
  const parts: Record<string, JsonObject> = {}
  for (const [part, field, root, name] of contextFields) {
    const own = parts[part] ?? objectOf(context[part])
    const action = rules.actionFor(root, name)
    if (action === 'drop') parts[part] = omit(own, [field])
    else if (action && own[field] !== undefined) {
      parts[part] = { ...own, [field]: rules.hash(own[field] ?? null) }
    }
  }
  const client = parts.client ?? objectOf(context.client)
  const action = rules.actionFor('mp_deviceid', '')
  // A client context must name its client.
  const id = action === 'hash' ? rules.hash(client.client_id ?? null) : stranger
  const custom = Object.entries(objectOf(context.custom)).flatMap(([name, value]) => {
    const own = rules.actionFor('user_attributes', name)
    if (own === 'drop') return []
    return [[name, own && value !== undefined ? rules.hash(value) : value]]
  })
  return {
    ...context,
    ...parts,
    ...(action ? { client: { ...client, client_id: id } } : {}),
    ...(isObject(context.custom) ? { custom: Object.fromEntries(custom) } : {}),
  }
}

const read = (request: MobileRequest, contextText: string, body: Json): MobileRequest => {
  const context = readContext(contextText, false)
  const events = readEvents(body)
  if (!context.ok || !events.ok) throw new Error('The request is not valid any more.')
  return { ...request, context: context.value, context_text: contextText, events: events.value }
}

// The name and version of an SDK stay of what it says of itself.
const withoutAgents = (
  { user_agent: _, sdk_agent: __, ...request }: MobileRequest,
  token: string
) => (token === '' ? request : { ...request, sdk_agent: token })

/** A request without what the rules are about, wherever the dialect has it. */
export const governMobile = ({ request, body }: MobileUpload, rules: FieldRules): MobileUpload => {
  const customer = request.options.customer_id_attribute
  const context = objectOf(parseJson(request.context_text))
  const stranger = uuidFrom(request.digest)
  const contextText = stringifyJson(governContext(context, rules, stranger))
  const { events, ...rest } = objectOf(parseJson(body))
  const list = Array.isArray(events) ? events : []
  const governed = { ...rest, events: list.map((one) => governEvent(one, rules, customer)) }
  const next = read(request, contextText, governed)
  return {
    request: rules.user_agent === 'drop' ? withoutAgents(next, sdkToken(request)) : next,
    body: stringifyJson(governed),
  }
}

/** A request of nobody's: its client is a stranger, who is the same when it comes again. */
export const stripMobile = ({ request, body }: MobileUpload): MobileUpload => {
  const context = objectOf(parseJson(request.context_text))
  const { options, digest } = request
  const client = { ...objectOf(context.client), client_id: uuidFrom(digest) }
  const { customer_id_attribute: customer } = options
  const { events, ...rest } = objectOf(parseJson(body))
  const bare = (Array.isArray(events) ? events : []).map((event): Json => {
    if (!isObject(event)) return event
    const attributes = omit(objectOf(event.attributes), customer === undefined ? [] : [customer])
    return { ...omit(event, ['session']), ...(event.attributes ? { attributes } : {}) }
  })
  const governed = { ...rest, events: bare }
  const contextText = stringifyJson({ ...omit(context, ['custom']), client })
  const next = read(request, contextText, governed)
  return { request: withoutAgents(next, sdkToken(request)), body: stringifyJson(governed) }
}
