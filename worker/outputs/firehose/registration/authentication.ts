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

/** How an integration wants to be authorized. A way that is unknown cannot be left out. */
export const readAuthentication = (
  value: Json | undefined,
  path: string,
  notes: Notes
): OAuth2Authentication | undefined => {
  const given = readSection(value, path, notes)
  if (!given) return undefined
  if (given.type !== 'oauth2') {
    refuse(notes, `${path}.type`, `is ${quoted(given.type)}: only oauth2 is known.`)
    return undefined
  }
  const at = { given, path }
  return {
    type: 'oauth2',
    authorization_url: readText(given.authorization_url) ?? '',
    token_url: readText(given.token_url) ?? '',
    ...filled({
      refresh_url: readText(given.refresh_url),
      grant_type: readChoice(at, { field: 'grant_type', choices: grants }, notes),
      default_expires_in: readLifetime(given.default_expires_in, path, notes),
      client_id: readText(given.client_id),
      access_token_type: readChoice(at, { field: 'access_token_type', choices: tokenTypes }, notes),
      custom_header_name: readText(given.custom_header_name),
      param_client_id_name: readText(given.param_client_id_name),
      param_secret_name: readText(given.param_secret_name),
      scopes: readScopes(given.scopes, `${path}.scopes`, notes),
    }),
  }
}

const readChoice = <Choice extends string>(
  { given, path }: { given: JsonObject; path: string },
  { field, choices }: { field: string; choices: readonly Choice[] },
  notes: Notes
): Choice | undefined => {
  const value = given[field]
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
  readObjects(value, path, notes).flatMap(([at, given]) => {
    const name = readText(given.name)
    if (!name) warn(notes, `${at}.name`, 'is missing; the scope was ignored.')
    return name ? { name, description: readText(given.description) ?? '' } : []
  })
