import { exactText, isObject, type Json, type JsonObject } from '../../base/json'
import { type Problem, problem, type Result } from '../../base/problem'
import { type Batch, identityType, readIdentities } from '../../batch'
import { parseBody } from '../batch-body'
import { type NamingIdentity, namingIdentity } from '../mpid'
import { loginIdentities } from './settings'

/** The user of an identity request. */
export interface KnownUser {
  /** The identity from which the mpid derives. */
  named: NamingIdentity
  /** All identities by type, also those of devices. */
  identities: Record<string, string | null>
  /** The same as `named`, by the name that the request used. */
  matched: Record<string, string>
}

// Identities of devices besides `device_application_stamp`, the most persistent first. Batches
// never have them.
const deviceTypes = [
  'android_uuid',
  'ios_idfv',
  'roku_publisher_id',
  'ios_idfa',
  'android_aaid',
  'fire_aid',
  'roku_aid',
  'amp_id',
  'push_token',
]

const parseObject = (text: string): Result<JsonObject> => {
  const body = parseBody(text)
  if (!body.ok) return body
  return isObject(body.value)
    ? { ok: true, value: body.value }
    : refuse([problem('invalid', '', 'The body must be a JSON object.')])
}

const isIdentity = (value: Json | undefined): boolean =>
  value === null || value === undefined || typeof value === 'string' || typeof value === 'number'

const wrongType = (path: string): Problem =>
  problem('invalid', path, `${path} must be a string or null.`)

const maxProblems = 10
const maxNameChars = 64

const refuse = (problems: Problem[]): Result<never> => ({
  ok: false,
  problems: problems.slice(0, maxProblems),
})

const nameOfDevice = (identities: KnownUser['identities']): NamingIdentity | undefined => {
  const type = deviceTypes.find((deviceType) => identities[deviceType])
  return type ? { type, identity: identities[type] ?? '' } : undefined
}

/** Decodes a request of identify, login, logout or search. */
export const decodeKnownUser = (text: string): Result<KnownUser> => {
  const body = parseObject(text)
  if (!body.ok) return body
  const { known_identities: known } = body.value
  if (!isObject(known)) return missingIdentities()
  const wrong = Object.keys(known).filter((name) => !isIdentity(known[name]))
  if (wrong.length > 0) {
    return refuse(wrong.map((name) => wrongType(`known_identities.${name.slice(0, maxNameChars)}`)))
  }
  const identities = readIdentities(known)
  const user: Batch = { user_identities: known }
  const stamp = identities.device_application_stamp
  const named =
    namingIdentity(stamp ? { ...user, mp_deviceid: stamp } : user) ?? nameOfDevice(identities)
  if (!named) return missingIdentities()
  return { ok: true, value: { named, identities, matched: matchedIn(known, named) } }
}

const missingIdentities = (): Result<never> => {
  const message = 'known_identities must have at least one identity.'
  return refuse([problem('required', 'known_identities', message)])
}

const matchedIn = (
  known: JsonObject,
  { type, identity }: NamingIdentity
): Record<string, string> => {
  // When two names mean the same type, the last one counts.
  const name = Object.keys(known).findLast((spelling) => identityType(spelling) === type)
  return { [name ?? type]: identity }
}

const isLoggedIn = ({ identities }: KnownUser, logins: string[] = loginIdentities): boolean =>
  logins.some((login) => identities[identityType(login)])

/**
 * The answer to identify, login, logout and search.
 *
 * @param logins the identity types with which a user counts as logged in, if the input sets them
 */
export const answerKnownUser = (user: KnownUser, mpid: string, logins?: string[]): JsonObject => ({
  context: null,
  mpid,
  matched_identities: user.matched,
  is_ephemeral: false,
  is_logged_in: isLoggedIn(user, logins),
})

const changeProblems = (change: Json, index: number): Problem[] => {
  const path = `identity_changes.${index}`
  if (!isObject(change)) return [problem('invalid', path, `${path} must be an object.`)]
  const type = exactText(change.identity_type)
  return [
    ...(typeof type === 'string' && type !== ''
      ? []
      : [problem('required', `${path}.identity_type`, `${path}.identity_type is required.`)]),
    ...['old_value', 'new_value']
      .filter((name) => !isIdentity(change[name]))
      .map((name) => wrongType(`${path}.${name}`)),
  ]
}

/** Checks a request to modify. */
export const modifyProblems = (text: string): Problem[] => {
  const body = parseObject(text)
  if (!body.ok) return body.problems
  const { identity_changes: changes } = body.value
  if (Array.isArray(changes)) return changes.flatMap(changeProblems).slice(0, maxProblems)
  return [problem('required', 'identity_changes', 'identity_changes must be a list.')]
}

/**
 * The answer to modify, which changes no mpid. It does not say whether the user is logged in: the
 * request has only the changed identities, and the SDK keeps what it knew.
 */
export const answerModify = (mpid: string): JsonObject => ({
  context: null,
  mpid,
  matched_identities: {},
  is_ephemeral: false,
})
