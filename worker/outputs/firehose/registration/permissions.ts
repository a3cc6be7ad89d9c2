import { deviceIdentityTypes, encodings, userIdentityTypes } from '../../../../sdk/firehose/names'
import type { IdentityPermission, Permissions } from '../../../../sdk/firehose/registration'
import type { Json } from '../../../base/json'
import {
  filled,
  type Notes,
  quoted,
  readFlag,
  readObjects,
  readSection,
  readText,
  readWord,
  refuse,
  warn,
} from './values'

/** What an integration may see. Unknown permissions allow nothing. */
export const readPermissions = (value: Json | undefined, notes: Notes): Permissions | undefined => {
  const path = 'permissions'
  const json = readSection(value, path, notes)
  if (!json) return undefined
  const flag = (name: keyof Permissions): boolean | undefined => readFlag(json[name]) || undefined
  const list = <Type extends string>(
    field: 'device_identities' | 'user_identities',
    types: readonly Type[]
  ): IdentityPermission<Type>[] =>
    readIdentities({ value: json[field], path: `${path}.${field}` }, types, notes)
  return filled({
    device_identities: list('device_identities', deviceIdentityTypes),
    user_identities: list('user_identities', userIdentityTypes),
    partner_identities: readPartners(json.partner_identities, notes),
    allow_access_location: flag('allow_access_location'),
    allow_access_ip_address: flag('allow_access_ip_address'),
    allow_access_http_user_agent: flag('allow_access_http_user_agent'),
    allow_access_device_application_stamp: flag('allow_access_device_application_stamp'),
    allow_access_mpid: flag('allow_access_mpid'),
    allow_device_info: flag('allow_device_info'),
    allow_user_attributes: flag('allow_user_attributes'),
    allow_audience_user_attributes: flag('allow_audience_user_attributes'),
    allow_consent_state: flag('allow_consent_state'),
    allow_platform_fields: flag('allow_platform_fields'),
    allow_eventless_batches: flag('allow_eventless_batches'),
  })
}

const readIdentities = <Type extends string>(
  list: { value: Json | undefined; path: string },
  types: readonly Type[],
  notes: Notes
): IdentityPermission<Type>[] =>
  readObjects(list.value, list.path, notes).flatMap(([path, json]) => {
    const type = readWord(types, json.type)
    const required = readFlag(json.required)
    if (!type) {
      const message = `is ${quoted(json.type)}, which is unknown`
      if (required) refuse(notes, `${path}.type`, `${message}, and is required.`)
      else warn(notes, `${path}.type`, `${message} and was ignored.`)
      return []
    }
    const encoding = readEncoding(json.encoding, path, notes)
    return encoding ? { type, encoding, ...filled({ required }) } : []
  })

const conventionalName = /^(\$cookie_sync_id|[^_]+_.+)$/

const readPartners = (value: Json | undefined, notes: Notes): IdentityPermission[] =>
  readObjects(value, 'permissions.partner_identities', notes).flatMap(([path, json]) => {
    const type = readText(json.type)
    if (!type) {
      refuse(notes, `${path}.type`, 'is missing.')
      return []
    }
    if (!conventionalName.test(type)) {
      warn(notes, `${path}.type`, `is ${quoted(type)}, where PartnerName_IdentityName is usual.`)
    }
    const encoding = readEncoding(json.encoding, path, notes)
    return encoding ? { type, encoding, ...filled({ required: readFlag(json.required) }) } : []
  })

// A guess could send an identity in clear that was meant to be hashed.
const readEncoding = (value: Json | undefined, path: string, notes: Notes) => {
  const encoding = readWord(encodings, value)
  if (!encoding) {
    refuse(notes, `${path}.encoding`, `is ${quoted(value)}: it must be ${encodings.join(', ')}.`)
  }
  return encoding
}
