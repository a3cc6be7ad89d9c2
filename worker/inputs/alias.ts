import { type Environment, environmentOf, keyOf } from '../batch'
import { exactText, isObject, isTooDeep, parseJson, readInt64, readMs } from '../json'
import { type Problem, problem, type Result } from '../problem'

/** What weir reads of an alias request; the rest passes through. */
export interface AliasRequest {
  id: string | undefined
  destination: string
  environment: Environment
  device: string
}

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
  const data = isObject(body) && isObject(body.data) ? body.data : undefined
  if (!isObject(body) || !data) {
    return { ok: false, problems: [problem('invalid', 'data', 'An alias request needs data.')] }
  }
  const destination = readInt64(data.destination_mpid)
  const source = readInt64(data.source_mpid)
  const [start, end] = [readMs(data.start_unixtime_ms), readMs(data.end_unixtime_ms)]
  const problems: Problem[] = []
  if (!destination) problems.push(needed('destination_mpid'))
  if (!source) problems.push(needed('source_mpid'))
  if (destination && destination === source) {
    const message = 'destination_mpid and source_mpid must differ.'
    problems.push(problem('invalid', 'data.destination_mpid', message))
  }
  if (start === undefined) problems.push(needed('start_unixtime_ms'))
  if (end === undefined) problems.push(needed('end_unixtime_ms'))
  if (start !== undefined && end !== undefined && start > end) {
    const message = 'start_unixtime_ms must not be after end_unixtime_ms.'
    problems.push(problem('invalid', 'data.start_unixtime_ms', message))
  }
  if (!destination || problems.length > 0) return { ok: false, problems }
  const stamp = exactText(data.device_application_stamp)
  return {
    ok: true,
    value: {
      id: typeof body.request_id === 'string' ? body.request_id : undefined,
      destination,
      environment: environmentOf(body),
      device: typeof stamp === 'string' ? keyOf(stamp) : '',
    },
  }
}

const needed = (name: string): Problem =>
  problem('required', `data.${name}`, `${name} is missing or no 64-bit integer.`)
