import { exactText, isObject, isTooDeep, type JsonObject, parseJson, readMs } from '../../base/json'
import { type Problem, problem, type Result } from '../../base/problem'
import { type Environment, environmentOf, keyOf } from '../../batch'
import { readMpid } from '../mpid'

/** The fields of an alias request that weir reads; the others pass through. */
export interface AliasRequest {
  id: string | undefined
  /** The mpid whose events are to count as the destination's. */
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

/** Decodes an alias request of the mParticle web SDK. */
export const decodeAlias = (text: string): Result<AliasRequest> => {
  const body = read(text)
  const data = isObject(body) ? aliasData(body) : undefined
  if (!isObject(body) || !data) return missingData()
  return checkAlias(body, data, readUsers(data))
}

export const aliasData = (body: JsonObject): JsonObject | undefined =>
  isObject(body.data) ? body.data : undefined

export const missingData = (): Result<never> => ({
  ok: false,
  problems: [problem('invalid', 'data', 'An alias request needs data.')],
})

/** Checks an alias request whose users were read already; their problems come first. */
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

const readUsers = (data: JsonObject): Result<AliasUsers> => {
  const destination = readMpid(data.destination_mpid)
  const source = readMpid(data.source_mpid)
  const problems: Problem[] = []
  if (!destination) problems.push(missing('destination_mpid'))
  if (!source) problems.push(missing('source_mpid'))
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
  if (start === undefined) problems.push(missing('start_unixtime_ms'))
  if (end === undefined) problems.push(missing('end_unixtime_ms'))
  if (start !== undefined && end !== undefined && start > end) {
    const message = 'start_unixtime_ms must not be after end_unixtime_ms.'
    problems.push(problem('invalid', 'data.start_unixtime_ms', message))
  }
  return problems
}

const missing = (name: string): Problem =>
  problem('required', `data.${name}`, `${name} is missing or no 64-bit integer.`)
