import { ruleProblems } from '../../audiences/check'
import { referencedAudiences } from '../../audiences/compile'
import type { Audience, Rule } from '../../audiences/rule'
import { isObject, type JsonObject } from '../../base/json'
import { type Problem, problem, RequestError, within } from '../../base/problem'
import { checkBatch, readIdentities } from '../../batch'
import { readMpid } from '../../dialects/mpid'
import type { DescribedProfile } from '../../profiles/preview'

/** A rule to try, and the profile to try it on. */
export interface PreviewRequest {
  rule: Rule
  of: { mpid: string } | { profile: DescribedProfile }
  now: number
}

const fields = ['rule', 'mpid', 'profile', 'now_ms']
const profileFields = ['attributes', 'identities', 'device', 'application', 'events']

const unknownFields = (object: JsonObject, known: string[], path: string): Problem[] =>
  Object.keys(object)
    .filter((name) => !known.includes(name))
    .map((name) => problem('unknown_field', `${path}${name}`, `${path}${name} is not a field.`))

const refuseIfAny = (problems: Problem[]): void => {
  if (problems.length > 0) throw new RequestError(422, problems)
}

const invalid = (path: string, message: string): RequestError =>
  new RequestError(422, [problem('invalid', path, message)])

const readRule = (rule: unknown, saved: Audience[]): Rule => {
  refuseIfAny(ruleProblems(rule, 'rule'))
  // Checked whole by `ruleProblems`.
  const checked = rule as Rule
  const isSaved = (id: string): boolean => saved.some((audience) => audience.id === id)
  const missing = referencedAudiences(checked).filter((id) => !isSaved(id))
  refuseIfAny(missing.map((id) => problem('not_found', 'rule', `There is no audience ${id}.`)))
  return checked
}

const readProfile = (profile: unknown): DescribedProfile => {
  if (!isObject(profile)) throw invalid('profile', 'profile must be an object.')
  refuseIfAny(unknownFields(profile, profileFields, 'profile.'))
  const objectAt = (name: string): JsonObject => {
    const value = profile[name] ?? {}
    if (!isObject(value)) throw invalid(`profile.${name}`, `profile.${name} must be an object.`)
    return value
  }
  const checked = checkBatch({ events: profile.events ?? [] })
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
  body: unknown,
  { saved, now }: { saved: Audience[]; now: number }
): PreviewRequest => {
  if (!isObject(body)) throw invalid('', 'A preview must be an object.')
  refuseIfAny(unknownFields(body, fields, ''))
  const { now_ms = now, profile } = body
  const rule = readRule(body.rule, saved)
  if (!Number.isSafeInteger(now_ms) || Math.abs(Number(now_ms)) > 8.64e15) {
    throw invalid('now_ms', 'now_ms must be a time in milliseconds.')
  }
  if ((body.mpid === undefined) === (profile === undefined)) {
    throw invalid('mpid', 'A preview needs either an mpid or a profile.')
  }
  if (profile !== undefined)
    return { rule, of: { profile: readProfile(profile) }, now: Number(now_ms) }
  // JSON.parse has already rounded a number beyond 53 bits.
  const isExact = typeof body.mpid === 'string' || Number.isSafeInteger(body.mpid)
  const mpid = isExact ? readMpid(body.mpid) : undefined
  if (mpid === undefined) throw invalid('mpid', 'mpid must be a 64-bit integer, as text.')
  return { rule, of: { mpid }, now: Number(now_ms) }
}
