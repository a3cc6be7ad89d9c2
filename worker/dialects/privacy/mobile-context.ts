import { isObject, type Json, type JsonObject } from '../../base/json'
import { redactFields } from './fields'
import type { Action, FieldRules, Root } from './rules'

interface Part {
  root: Root
  /** The batch's names of fields that a client context names differently. */
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
// The fields of `services.mobile_analytics` that identify the app and the SDK, not the user.
const serviceFields = ['app_id', 'sdk_name', 'sdk_version']

export const objectOf = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})

export const pick = (object: JsonObject, names: Iterable<string>): JsonObject => {
  const wanted = new Set(names)
  return Object.fromEntries(Object.entries(object).filter(([name]) => wanted.has(name)))
}

const strictest = (actions: (Action | undefined)[]): Action | undefined =>
  actions.includes('drop') ? 'drop' : actions.find((action) => action !== undefined)

/** Redacts fields by the names that a batch has for them, else by their own. */
export const redactNamed = (
  object: JsonObject,
  { root, names }: Part,
  rules: FieldRules
): JsonObject => {
  const fields = Object.entries(objectOf(redactFields(object, rules)))
  return Object.fromEntries(
    fields.flatMap(([name, value]): [string, Json | undefined][] => {
      const batchNames = names.get(name) ?? [name]
      const action = strictest(batchNames.map((batchName) => rules.actionFor(root, batchName)))
      if (action === 'drop') return []
      return [[name, action && value !== undefined ? rules.hash(value) : value]]
    })
  )
}

const redactClient = (client: JsonObject, rules: FieldRules, anonymousId: string): JsonObject => {
  const { client_id = null, ...rest } = client
  const action = rules.actionFor('mp_deviceid', '')
  // A client context must have an id, so it cannot just be dropped.
  const id = action === 'hash' ? rules.hash(client_id) : anonymousId
  return { client_id: action ? id : client_id, ...redactNamed(rest, app, rules) }
}

const redactCustom = (custom: JsonObject, rules: FieldRules): JsonObject =>
  Object.fromEntries(
    Object.entries(custom).flatMap(([name, value]): [string, Json | undefined][] => {
      const action = rules.actionFor('user_attributes', name)
      if (action === 'drop') return []
      return [[name, action && value !== undefined ? rules.hash(value) : value]]
    })
  )

/**
 * Redacts a client context.
 *
 * @param anonymousId replaces a client id that is to be dropped
 */
export const redactContext = (
  context: JsonObject,
  rules: FieldRules,
  anonymousId: string
): JsonObject => {
  const { client, env, custom, ...rest } = context
  return {
    ...objectOf(redactFields(rest, rules)),
    client: redactClient(objectOf(client), rules, anonymousId),
    ...(isObject(env) ? { env: redactNamed(env, device, rules) } : {}),
    ...(isObject(custom) ? { custom: redactCustom(custom, rules) } : {}),
  }
}

/** An anonymous client context. Of the device it has only what many have in common. */
export const stripContext = (context: JsonObject, anonymousId: string): JsonObject => {
  const { mobile_analytics } = objectOf(context.services)
  return {
    client: { client_id: anonymousId },
    env: pick(objectOf(context.env), device.names.keys()),
    services: { mobile_analytics: pick(objectOf(mobile_analytics), serviceFields) },
  }
}
