import {
  eventTypes,
  firehoseVersion,
  notificationTypes,
  runtimeTypes,
} from '../../../../sdk/firehose/names'
import type {
  AudienceRegistration,
  DsrRegistration,
  EventRegistration,
  Registration,
} from '../../../../sdk/firehose/registration'
import { isObject, type Json, type JsonObject } from '../../../base/json'
import { type Problem, problem } from '../../../base/problem'
import type { IntegrationKind, Registered } from '../../kind'
import { endpointOf } from '../endpoint'
import { judgeAnswer } from '../exchange/answer'
import { type FirehoseEndpoint, sendToIntegration } from '../exchange/transport'
import { readAuthentication } from './authentication'
import { readPermissions } from './permissions'
import { registrationProblems } from './problems'
import { readSettingList } from './settings'
import {
  filled,
  type Notes,
  quoted,
  readNumber,
  readSection,
  readText,
  readWords,
  refuse,
  warn,
} from './values'
import { registrationWarnings } from './warnings'

interface Read {
  registration: Registration
  warnings: string[]
}

const read = (value: JsonObject): Read & Notes => {
  const notes: Notes = { warnings: [], problems: [] }
  const section = (name: string): JsonObject | undefined => readSection(value[name], name, notes)
  const events = section('event_processing_registration')
  const audiences = section('audience_processing_registration')
  const dsr = section('dsr_processing_registration')
  const registration: Registration = {
    name: readText(value.name) ?? '',
    version: readText(value.version) ?? '',
    ...filled({
      description: readText(value.description),
      sdk_version: readText(value.sdk_version),
      permissions: readPermissions(value.permissions, notes),
      event_processing_registration: events && readEvents(events, notes),
      audience_processing_registration: audiences && readAudiences(audiences, notes),
      dsr_processing_registration: dsr && readDsr(dsr, notes),
    }),
  }
  notes.warnings.push(...registrationWarnings(registration))
  return { registration, ...notes }
}

/**
 * Reads a registration. Unknown parts are ignored with a warning where that only means less data.
 * Problems are those of single fields; `registrationProblems` has the others.
 */
export const readRegistration = (value: Json): Read | Problem[] => {
  if (!isObject(value)) return [problem('invalid', '', 'The registration must be an object.')]
  const { problems, ...rest } = read(value)
  return problems.length > 0 ? problems : rest
}

const readEvents = (json: JsonObject, notes: Notes): EventRegistration => {
  const path = 'event_processing_registration'
  const list = (field: string) => ({ value: json[field], path: `${path}.${field}` })
  const settings = (field: string) => readSettingList(json[field], `${path}.${field}`, notes)
  const runtimes = readWords(runtimeTypes, list('supported_runtime_environments'), notes)
  if (runtimes.length === 0 && isFilledList(json.supported_runtime_environments)) {
    // An empty list would mean all.
    refuse(notes, `${path}.supported_runtime_environments`, 'has none that is known.')
  }
  return filled({
    account_settings: settings('account_settings'),
    event_connection_settings: settings('event_connection_settings'),
    supported_event_types: readWords(eventTypes, list('supported_event_types'), notes),
    supported_runtime_environments: runtimes,
    supported_system_notification_types: readWords(
      notificationTypes,
      list('supported_system_notification_types'),
      notes
    ),
    max_data_age_hours: readWhole(list('max_data_age_hours'), notes),
    push_messaging_provider_id: readText(json.push_messaging_provider_id),
    authentication: readAuthentication(json.authentication, `${path}.authentication`, notes),
  })
}

const isFilledList = (value: Json | undefined): boolean => Array.isArray(value) && value.length > 0

const readAudiences = (json: JsonObject, notes: Notes): AudienceRegistration => {
  const path = 'audience_processing_registration'
  const settings = (field: string) => readSettingList(json[field], `${path}.${field}`, notes)
  return filled({
    account_settings: settings('account_settings'),
    authentication: readAuthentication(json.authentication, `${path}.authentication`, notes),
    bulk_configuration: readBulk(json.bulk_configuration, `${path}.bulk_configuration`, notes),
    audience_subscription_settings: settings('audience_subscription_settings'),
  })
}

const readBulk = (value: Json | undefined, path: string, notes: Notes) => {
  const json = readSection(value, path, notes)
  if (!json) return undefined
  const count = (field: string): number | undefined => {
    const read = readWhole({ value: json[field], path: `${path}.${field}` }, notes)
    if (read === undefined || read >= 0) return read
    warn(notes, `${path}.${field}`, `is ${read} and was ignored.`)
    return undefined
  }
  return filled({
    bulk_forward_wait_for_messages: count('bulk_forward_wait_for_messages'),
    bulk_forward_wait_in_minutes: count('bulk_forward_wait_in_minutes'),
  })
}

const readDsr = (json: JsonObject, notes: Notes): DsrRegistration => {
  const path = 'dsr_processing_registration'
  const types = { value: json.supported_dsr_types, path: `${path}.supported_dsr_types` }
  return filled({
    account_settings: readSettingList(json.account_settings, `${path}.account_settings`, notes),
    supported_dsr_types: readWords(['erasure'] as const, types, notes),
    domain: readText(json.domain),
  })
}

const readWhole = (
  { value, path }: { value: Json | undefined; path: string },
  notes: Notes
): number | undefined => {
  const number = readNumber(value)
  if (number !== undefined && Number.isInteger(number)) return number
  if (value !== undefined && value !== null) {
    warn(notes, path, `is ${quoted(value)}, no whole number, and was ignored.`)
  }
  return undefined
}

/** Asks an integration to register, and checks what it answers. */
export const askRegistration = async (
  endpoint: FirehoseEndpoint,
  { id, nowMs, ...allowed }: { id: string; nowMs: number; allowsCustomEndpoints: boolean }
): Promise<Registered> => {
  const text = JSON.stringify({
    type: 'module_registration_request',
    id,
    timestamp_ms: nowMs,
    firehose_version: firehoseVersion,
  })
  const answer = await sendToIntegration(endpoint, { text, to: 'registration' })
  const { outcome, message } = judgeAnswer(answer, 'module_registration_response')
  if (outcome.kind !== 'delivered' || !message) {
    const reason = 'reason' in outcome ? outcome.reason : 'It said nothing.'
    const problems = [problem('no_registration', '', `The integration did not register: ${reason}`)]
    return { ok: false, problems }
  }
  const { registration, warnings, problems } = read(message)
  problems.push(...registrationProblems(registration, allowed))
  return problems.length > 0 ? { ok: false, problems } : { ok: true, registration, warnings }
}

/** The same by the settings of its output, in clear. */
export const register: IntegrationKind['register'] = (configuration, { id, nowMs, deployment }) => {
  const { allowsCustomEndpoints } = deployment
  return askRegistration(endpointOf(configuration, deployment), {
    id,
    nowMs,
    allowsCustomEndpoints,
  })
}
