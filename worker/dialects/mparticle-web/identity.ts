import { exactText, isObject, type Json, type JsonObject } from '../../base/json'
import { type Problem, problem, type Result } from '../../base/problem'
import { type Batch, identityType, readIdentities } from '../../batch'
import { parseBody } from '../batch-body'
import { type NamedBy, namedBy } from '../mpid'
import { loginIdentities } from './settings'

/** What an identity request tells of a user. */
export interface KnownUser {
  /** What the mpid derives from. */
  named: NamedBy
  /** All identities by type, also those of devices. */
  identities: Record<string, string | null>
  /** The identity that named the user, under the name that the request gave it. */
  matched: Record<string, string>
}

// How devices are named besides their stamp, the most lasting first. None of these is in batches.
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
    : refused([problem('invalid', '', 'The body must be a JSON object.')])
}

const isIdentity = (value: Json | undefined): boolean =>
  value === null || value === undefined || typeof value === 'string' || typeof value === 'number'

const wrongType = (path: string): Problem =>
  problem('invalid', path, `${path} must be a string or null.`)

const toldProblems = 10
const toldChars = 64

const refused = (problems: Problem[]): Result<never> => ({
  ok: false,
  problems: problems.slice(0, toldProblems),
})

const nameOfDevice = (identities: KnownUser['identities']): NamedBy | undefined => {
  const type = deviceTypes.find((one) => identities[one])
  return type ? { type, identity: identities[type] ?? '' } : undefined
}

/** Reads a request of identify, login, logout or search. */
export const decodeKnownUser = (text: string): Result<KnownUser> => {
  const body = parseObject(text)
  if (!body.ok) return body
  const { known_identities: known } = body.value
  if (!isObject(known)) return withoutIdentities()
  const wrong = Object.keys(known).filter((name) => !isIdentity(known[name]))
  if (wrong.length > 0) {
    return refused(wrong.map((name) => wrongType(`known_identities.${name.slice(0, toldChars)}`)))
  }
  const identities = readIdentities(known)
  const user: Batch = { user_identities: known }
  const stamp = identities.device_application_stamp
  const named = namedBy(stamp ? { ...user, mp_deviceid: stamp } : user) ?? nameOfDevice(identities)
  if (!named) return withoutIdentities()
  return { ok: true, value: { named, identities, matched: matchedIn(known, named) } }
}

const withoutIdentities = (): Result<never> => {
  const message = 'known_identities must have at least one identity.'
  return refused([problem('required', 'known_identities', message)])
}

const matchedIn = (known: JsonObject, { type, identity }: NamedBy): Record<string, string> => {
  // Of two spellings of one type the last one holds.
  const name = Object.keys(known).findLast((one) => identityType(one) === type)
  return { [name ?? type]: identity }
}

const isLoggedIn = ({ identities }: KnownUser, logins: string[] = loginIdentities): boolean =>
  logins.some((login) => identities[identityType(login)])

/**
 * The answer to identify, login, logout and search.
 *
 * @param logins the identities with which a user counts as logged in, where the input names them
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

/** What is wrong with a request to modify. */
export const modifyProblems = (text: string): Problem[] => {
  const body = parseObject(text)
  if (!body.ok) return body.problems
  const { identity_changes: changes } = body.value
  if (Array.isArray(changes)) return changes.flatMap(changeProblems).slice(0, toldProblems)
  return [problem('required', 'identity_changes', 'identity_changes must be a list.')]
}

/**
 * The answer to modify, which changes no mpid. It does not tell whether the user is logged in: the
 * request names only what changes, and the SDK goes on with what it knew.
 */
export const answerModify = (mpid: string): JsonObject => ({
  context: null,
  mpid,
  matched_identities: {},
  is_ephemeral: false,
})
