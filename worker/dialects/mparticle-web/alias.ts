import { exactText, isObject, isTooDeep, type JsonObject, parseJson, readMs } from '../../base/json'
import { type Problem, problem, type Result } from '../../base/problem'
import { type Environment, environmentOf, keyOf } from '../../batch'
import { readMpid } from '../mpid'

/** What weir reads of an alias request; the rest passes through. */
export interface AliasRequest {
  id: string | undefined
  /** The mpids of the user whose events shall go elsewhere, and of the one who gets them. */
  source: string
  destination: string
  environment: Environment
  device: string
}

export type AliasUsers = Pick<AliasRequest, 'source' | 'destination'>

const read = (text: string): unknown => {
  try {
    return isTooDeep(text) ? undefined : parseJson(text)
  } catch {
    return undefined
  }
}

/** Checks the shape of an alias request as the mParticle web SDK sends it. */
export const decodeAlias = (text: string): Result<AliasRequest> => {
  const body = read(text)
  const data = isObject(body) ? aliasData(body) : undefined
  if (!isObject(body) || !data) return withoutData()
  return checkAlias(body, data, givenUsers(data))
}

export const aliasData = (body: JsonObject): JsonObject | undefined =>
  isObject(body.data) ? body.data : undefined

export const withoutData = (): Result<never> => ({
  ok: false,
  problems: [problem('invalid', 'data', 'An alias request needs data.')],
})

/** Checks all of an alias request but its users, whose problems come first. */
export const checkAlias = (
  body: JsonObject,
  data: JsonObject,
  users: Result<AliasUsers>
): Result<AliasRequest> => {
  const problems = [...(users.ok ? [] : users.problems), ...timeProblems(data)]
  if (!users.ok || problems.length > 0) return { ok: false, problems }
  const stamp = exactText(data.device_application_stamp)
  return {
    ok: true,
    value: {
      id: typeof body.request_id === 'string' ? body.request_id : undefined,
      ...users.value,
      environment: environmentOf(body),
      device: typeof stamp === 'string' ? keyOf(stamp) : '',
    },
  }
}

const givenUsers = (data: JsonObject): Result<AliasUsers> => {
  const destination = readMpid(data.destination_mpid)
  const source = readMpid(data.source_mpid)
  const problems: Problem[] = []
  if (!destination) problems.push(needed('destination_mpid'))
  if (!source) problems.push(needed('source_mpid'))
  if (destination && destination === source) {
    const message = 'destination_mpid and source_mpid must differ.'
    problems.push(problem('invalid', 'data.destination_mpid', message))
  }
  return destination && source && problems.length === 0
    ? { ok: true, value: { source, destination } }
    : { ok: false, problems }
}

const timeProblems = (data: JsonObject): Problem[] => {
  const [start, end] = [readMs(data.start_unixtime_ms), readMs(data.end_unixtime_ms)]
  const problems: Problem[] = []
  if (start === undefined) problems.push(needed('start_unixtime_ms'))
  if (end === undefined) problems.push(needed('end_unixtime_ms'))
  if (start !== undefined && end !== undefined && start > end) {
    const message = 'start_unixtime_ms must not be after end_unixtime_ms.'
    problems.push(problem('invalid', 'data.start_unixtime_ms', message))
  }
  return problems
}

const needed = (name: string): Problem =>
  problem('required', `data.${name}`, `${name} is missing or no 64-bit integer.`)
