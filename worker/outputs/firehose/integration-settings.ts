import type { NumberSetting, Registration, Setting } from '../../../sdk/firehose/registration'
import { isObject, type Json, own, readInt64 } from '../../base/json'
import { type Problem, problem, type Result } from '../../base/problem'

export type IntegrationValue = string | number | boolean

/**
 * The settings that a connection has `account_settings` for: those of its own kind of messages and
 * of data subject requests, which every connection may send. The first of an id counts.
 */
export const registeredSettings = (
  registration: Registration,
  source: 'events' | 'audiences'
): Setting[] => {
  const {
    event_processing_registration: events,
    audience_processing_registration: audiences,
    dsr_processing_registration: dsr,
  } = registration
  const lists =
    source === 'events'
      ? [events?.account_settings, events?.event_connection_settings, dsr?.account_settings]
      : [audiences?.account_settings, dsr?.account_settings]
  const byId = new Map<string, Setting>()
  for (const setting of lists.flatMap((list) => list ?? [])) {
    if (!byId.has(setting.id)) byId.set(setting.id, setting)
  }
  return [...byId.values()]
}

/** The settings that have values for each audience. */
export const subscriptionSettings = (registration: Registration): Setting[] =>
  registration.audience_processing_registration?.audience_subscription_settings ?? []

/** Checks what a user entered against the settings. All problems come at once; their paths are ids. */
export const readIntegrationValues = (
  settings: Setting[],
  entered: unknown
): Result<Record<string, IntegrationValue>> => {
  if (entered !== undefined && entered !== null && !isObject(entered)) {
    return { ok: false, problems: [problem('invalid', '', 'must be an object.')] }
  }
  const values = entered ?? {}
  const visible = settings.filter((setting) => setting.visible !== false)
  const unknown = Object.keys(values).filter((id) => !visible.some((setting) => setting.id === id))
  const read = visible.map((setting) => ({
    id: setting.id,
    value: readValue(setting, own(values, setting.id)),
  }))
  const problems = [
    ...unknown.map((id) =>
      problem('unknown_setting', id, `${id} is no setting that the integration asks for.`)
    ),
    ...read.flatMap(({ value }) => (typeof value === 'object' ? value : [])),
  ]
  if (problems.length > 0) return { ok: false, problems }
  const entries = read.flatMap(({ id, value }): [string, IntegrationValue][] =>
    value === undefined || typeof value === 'object' ? [] : [[id, value]]
  )
  return { ok: true, value: Object.fromEntries(entries) }
}

const readValue = (
  setting: Setting,
  value: Json | undefined
): IntegrationValue | Problem | undefined => {
  const { id } = setting
  if (value === undefined || value === null || value === '') {
    const isMissing =
      setting.type !== 'boolean' && setting.required && setting.default_value === undefined
    return isMissing ? problem('required', id, `${id} is required.`) : undefined
  }
  switch (setting.type) {
    case 'text':
      return typeof value === 'string' ? value : invalid(id, 'must be text.')
    case 'boolean':
      return readSwitch(value) ?? invalid(id, 'must be true or false.')
    default:
      return readNumber(setting, value)
  }
}

const invalid = (id: string, message: string): Problem =>
  problem('invalid_setting', id, `${id} ${message}`)

// Text, too, since variables of the environment in a workspace file are text.
const readSwitch = (value: Json): boolean | undefined => {
  if (typeof value === 'boolean') return value
  return value === 'true' || value === 'false' ? value === 'true' : undefined
}

const readNumber = (setting: NumberSetting, value: Json): number | string | Problem => {
  const { id, type, min_value = -Infinity, max_value = Infinity } = setting
  const read = type === 'integer' ? readInteger(value) : readFloat(value)
  const isWithin = read !== undefined && Number(read) >= min_value && Number(read) <= max_value
  if (isWithin) return read
  const what = type === 'integer' ? 'a whole number' : 'a number'
  const least = min_value === -Infinity ? '' : ` of at least ${min_value}`
  const most = max_value === Infinity ? '' : `${least && ' and'} of at most ${max_value}`
  return invalid(id, `must be ${what}${least}${most}.`)
}

// As text where a number would be rounded.
const readInteger = (value: Json): number | string | undefined => {
  const digits = readInt64(value)
  if (digits === undefined) return undefined
  return Number.isSafeInteger(Number(digits)) ? Number(digits) : digits
}

const decimal = /^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

const readFloat = (value: Json): number | undefined => {
  if (typeof value === 'number') return value
  const read = typeof value === 'string' && decimal.test(value) ? Number(value) : Number.NaN
  return Number.isFinite(read) ? read : undefined
}

/** The values as text, as they are sent, with the defaults of those that are not set. */
export const settingTexts = (
  settings: Setting[],
  values: Record<string, unknown>
): Record<string, string> =>
  Object.fromEntries(
    settings.flatMap((setting): [string, string][] => {
      const text = textOf(own(values, setting.id)) || defaultText(setting)
      return text ? [[setting.id, text]] : []
    })
  )

const textOf = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : ''

// Some integrations only set `checked` to have a switch on, and leave default_value false.
const defaultText = (setting: Setting): string =>
  setting.type === 'boolean'
    ? String((setting.checked || setting.default_value) ?? false)
    : textOf(setting.default_value)

/** The ids of the settings whose values are sealed at rest and never shown. */
export const confidentialIds = (settings: Setting[]): string[] =>
  settings.flatMap((setting) =>
    setting.type === 'text' && setting.confidential ? [setting.id] : []
  )
