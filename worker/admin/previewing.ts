import { ruleProblems } from '../audiences/check'
import { referencedAudiences } from '../audiences/compile'
import type { Audience, Rule } from '../audiences/rule'
import { isObject, type JsonObject } from '../base/json'
import { type Problem, problem, RequestError, within } from '../base/problem'
import { checkBatch, readIdentities } from '../batch'
import { readMpid } from '../dialects/mpid'
import type { DescribedProfile } from '../profiles/preview'

/** What a preview is asked for. */
export interface PreviewRequest {
  rule: Rule
  of: { mpid: string } | { profile: DescribedProfile }
  now: number
}

const fields = ['rule', 'mpid', 'profile', 'now_ms']
const profileFields = ['attributes', 'identities', 'device', 'application', 'events']

const unknownFields = (given: JsonObject, known: string[], path: string): Problem[] =>
  Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((name) => problem('unknown_field', `${path}${name}`, `${path}${name} is no field.`))

const refuseIfAny = (problems: Problem[]): void => {
  if (problems.length > 0) throw new RequestError(422, problems)
}

const invalid = (path: string, message: string): RequestError =>
  new RequestError(422, [problem('invalid', path, message)])

const readRule = (given: unknown, saved: Audience[]): Rule => {
  refuseIfAny(ruleProblems(given, 'rule'))
  // `ruleProblems` has checked it whole.
  const rule = given as Rule
  const missing = referencedAudiences(rule).filter((id) => !saved.some((one) => one.id === id))
  refuseIfAny(missing.map((id) => problem('not_found', 'rule', `There is no audience ${id}.`)))
  return rule
}

const readProfile = (given: unknown): DescribedProfile => {
  if (!isObject(given)) throw invalid('profile', 'profile must be an object.')
  refuseIfAny(unknownFields(given, profileFields, 'profile.'))
  const objectAt = (name: string): JsonObject => {
    const value = given[name] ?? {}
    if (!isObject(value)) throw invalid(`profile.${name}`, `profile.${name} must be an object.`)
    return value
  }
  const checked = checkBatch({ events: given.events ?? [] })
  refuseIfAny(within('profile', checked?.problems ?? []))
  const identities = Object.entries(readIdentities(objectAt('identities')))
  return {
    attributes: objectAt('attributes'),
    identities: Object.fromEntries(
      identities.flatMap(([type, identity]) => (identity === null ? [] : [[type, identity]]))
    ),
    device: objectAt('device'),
    application: objectAt('application'),
    events: checked?.events ?? [],
  }
}

/** @throws RequestError 422 */
export const readPreview = (
  given: unknown,
  { saved, now }: { saved: Audience[]; now: number }
): PreviewRequest => {
  if (!isObject(given)) throw invalid('', 'A preview must be an object.')
  refuseIfAny(unknownFields(given, fields, ''))
  const { now_ms = now, profile } = given
  const rule = readRule(given.rule, saved)
  if (!Number.isSafeInteger(now_ms) || Math.abs(Number(now_ms)) > 8.64e15) {
    throw invalid('now_ms', 'now_ms must be a time in milliseconds.')
  }
  if ((given.mpid === undefined) === (profile === undefined)) {
    throw invalid('mpid', 'A preview needs either an mpid or a profile.')
  }
  if (profile !== undefined)
    return { rule, of: { profile: readProfile(profile) }, now: Number(now_ms) }
  // A number beyond 53 bits has lost its last digits already.
  const isExact = typeof given.mpid === 'string' || Number.isSafeInteger(given.mpid)
  const mpid = isExact ? readMpid(given.mpid) : undefined
  if (mpid === undefined) throw invalid('mpid', 'mpid must be a 64-bit integer, as text.')
  return { rule, of: { mpid }, now: Number(now_ms) }
}
