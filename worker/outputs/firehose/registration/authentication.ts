import type { OAuth2Authentication } from '../../../../sdk/firehose/registration'
import type { Json, JsonObject } from '../../../base/json'
import {
  filled,
  type Notes,
  quoted,
  readNumber,
  readObjects,
  readSection,
  readText,
  readWord,
  refuse,
  warn,
} from './values'

const grants = ['authorization_code', 'client_credentials'] as const
const tokenTypes = ['bearer', 'custom_header'] as const

/** How an integration is authorized. An unknown method is a problem, since it cannot be ignored. */
export const readAuthentication = (
  value: Json | undefined,
  path: string,
  notes: Notes
): OAuth2Authentication | undefined => {
  const json = readSection(value, path, notes)
  if (!json) return undefined
  if (json.type !== 'oauth2') {
    refuse(notes, `${path}.type`, `is ${quoted(json.type)}: only oauth2 is known.`)
    return undefined
  }
  const at = { json, path }
  return {
    type: 'oauth2',
    authorization_url: readText(json.authorization_url) ?? '',
    token_url: readText(json.token_url) ?? '',
    ...filled({
      refresh_url: readText(json.refresh_url),
      grant_type: readChoice(at, { field: 'grant_type', choices: grants }, notes),
      default_expires_in: readLifetime(json.default_expires_in, path, notes),
      client_id: readText(json.client_id),
      access_token_type: readChoice(at, { field: 'access_token_type', choices: tokenTypes }, notes),
      custom_header_name: readText(json.custom_header_name),
      param_client_id_name: readText(json.param_client_id_name),
      param_secret_name: readText(json.param_secret_name),
      scopes: readScopes(json.scopes, `${path}.scopes`, notes),
    }),
  }
}

const readChoice = <Choice extends string>(
  { json, path }: { json: JsonObject; path: string },
  { field, choices }: { field: string; choices: readonly Choice[] },
  notes: Notes
): Choice | undefined => {
  const value = json[field]
  const choice = readWord(choices, value)
  if (!choice && readText(value)) {
    refuse(notes, `${path}.${field}`, `is ${quoted(value)}: it must be ${choices.join(' or ')}.`)
  }
  return choice
}

const readLifetime = (value: Json | undefined, path: string, notes: Notes): number | undefined => {
  const seconds = readNumber(value)
  if (seconds !== undefined && seconds > 0) return seconds
  if (value !== undefined && value !== null) {
    warn(notes, `${path}.default_expires_in`, `is ${quoted(value)} and was ignored.`)
  }
  return undefined
}

const readScopes = (
  value: Json | undefined,
  path: string,
  notes: Notes
): { name: string; description: string }[] =>
  readObjects(value, path, notes).flatMap(([at, json]) => {
    const name = readText(json.name)
    if (!name) warn(notes, `${at}.name`, 'is missing; the scope was ignored.')
    return name ? { name, description: readText(json.description) ?? '' } : []
  })
