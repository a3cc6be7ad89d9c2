import { isObject, type Json, type JsonObject } from '../../base/json'
import { governFields } from './fields'
import type { Action, FieldRules, Root } from './rules'

interface Part {
  root: Root
  /** What a client context calls otherwise than a batch does. */
  names: Map<string, string[]>
}

const app: Part = {
  root: 'application_info',
  names: new Map([
    ['app_title', ['application_name']],
    ['app_version_name', ['application_version']],
    ['app_version_code', ['application_build_number']],
    ['app_package_name', ['package']],
  ]),
}
const device: Part = {
  root: 'device_info',
  names: new Map([
    ['platform', ['platform']],
    ['platform_version', ['os_version']],
    ['model', ['device_model']],
    ['make', ['device_manufacturer']],
    ['locale', ['locale_language', 'locale_country']],
  ]),
}
// Of its service, what says which app it is, and by which SDK it speaks.
const service = ['app_id', 'sdk_name', 'sdk_version']

export const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})

export const pick = (object: JsonObject, names: Iterable<string>): JsonObject => {
  const wanted = new Set(names)
  return Object.fromEntries(Object.entries(object).filter(([name]) => wanted.has(name)))
}

const strictest = (actions: (Action | undefined)[]): Action | undefined =>
  actions.includes('drop') ? 'drop' : actions.find((one) => one !== undefined)

/** What a client may name as it likes: names that no batch has are governed by themselves. */
export const governNamed = (
  object: JsonObject,
  { root, names }: Part,
  rules: FieldRules
): JsonObject => {
  const fields = Object.entries(objectOf(governFields(object, rules)))
  return Object.fromEntries(
    fields.flatMap(([name, value]): [string, Json | undefined][] => {
      const own = names.get(name) ?? [name]
      const action = strictest(own.map((one) => rules.actionFor(root, one)))
      if (action === 'drop') return []
      return [[name, action && value !== undefined ? rules.hash(value) : value]]
    })
  )
}

const governClient = (client: JsonObject, rules: FieldRules, stranger: string): JsonObject => {
  const { client_id = null, ...rest } = client
  const action = rules.actionFor('mp_deviceid', '')
  // A client context must name its client.
  const id = action === 'hash' ? rules.hash(client_id) : stranger
  return { client_id: action ? id : client_id, ...governNamed(rest, app, rules) }
}

const governCustom = (custom: JsonObject, rules: FieldRules): JsonObject =>
  Object.fromEntries(
    Object.entries(custom).flatMap(([name, value]): [string, Json | undefined][] => {
      const action = rules.actionFor('user_attributes', name)
      if (action === 'drop') return []
      return [[name, action && value !== undefined ? rules.hash(value) : value]]
    })
  )

/** @param stranger the id of a client that may not be named */
export const governContext = (
  context: JsonObject,
  rules: FieldRules,
  stranger: string
): JsonObject => {
  const { client, env, custom, ...rest } = context
  return {
    ...objectOf(governFields(rest, rules)),
    client: governClient(objectOf(client), rules, stranger),
    ...(isObject(env) ? { env: governNamed(env, device, rules) } : {}),
    ...(isObject(custom) ? { custom: governCustom(custom, rules) } : {}),
  }
}

/** The context of a stranger: of what is said of the device, what many have alike. */
export const stripContext = (context: JsonObject, stranger: string): JsonObject => {
  const { mobile_analytics } = objectOf(context.services)
  return {
    client: { client_id: stranger },
    env: pick(objectOf(context.env), device.names.keys()),
    services: { mobile_analytics: pick(objectOf(mobile_analytics), service) },
  }
}
