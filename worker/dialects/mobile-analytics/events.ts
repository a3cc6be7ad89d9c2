import { exactText, isObject, type Json, type JsonObject, readInt64 } from '../../base/json'
import { type Problem, problem, type Result } from '../../base/problem'
import { readDateTime } from './time'

/** An event that keeps to the constraints of PutEvents. Times are ms since the epoch. */
export interface MobileEvent {
  type: string
  time_ms: number
  session?: MobileSession
  attributes: Record<string, string>
  /** Numbers, exact ones as `parseJson` marks them. */
  metrics: Record<string, Json>
}

export interface MobileSession {
  id: string
  start_ms: number
  stop_ms?: number
  duration_ms?: number
}

const nameChars = 50
const valueChars = 200
const mapEntries = 40
const version = 'v2.0'
// Told at once; a request can have more of them than it has bytes to spare.
const toldProblems = 100

type Tell = (path: string, message: string) => void

const isFilled = (value: Json | undefined, maxChars: number): value is string =>
  typeof value === 'string' &&
  exactText(value) === value &&
  value.length >= 1 &&
  value.length <= maxChars

const isSet = (value: Json | undefined): value is Json => value !== undefined && value !== null

const readName = (value: Json | undefined, path: string, tell: Tell): string => {
  if (isFilled(value, nameChars)) return value
  tell(path, `must be text of 1 to ${nameChars} characters.`)
  return ''
}

const readTime = (value: Json | undefined, path: string, tell: Tell): number => {
  const time = typeof value === 'string' ? readDateTime(value) : undefined
  if (time === undefined) tell(path, 'must be an ISO 8601 date and time.')
  return time ?? 0
}

// A number whose digits a double cannot hold is kept as its text.
const isInteger = (value: Json): boolean =>
  (typeof value === 'number' || exactText(value) !== value) && readInt64(value) !== undefined

const readSession = (
  value: Json | undefined,
  path: string,
  tell: Tell
): MobileSession | undefined => {
  if (!isSet(value)) return undefined
  if (!isObject(value)) {
    tell(path, 'must be an object.')
    return undefined
  }
  const { stopTimestamp: stop, duration } = value
  if (isSet(duration) && !isInteger(duration)) {
    tell(`${path}.duration`, 'must be a whole number of milliseconds or null.')
  }
  return {
    id: readName(value.id, `${path}.id`, tell),
    start_ms: readTime(value.startTimestamp, `${path}.startTimestamp`, tell),
    ...(isSet(stop) ? { stop_ms: readTime(stop, `${path}.stopTimestamp`, tell) } : {}),
    ...(isSet(duration) ? { duration_ms: Number(readInt64(duration)) } : {}),
  }
}

interface Entries {
  path: string
  isGood: (value: Json | undefined) => boolean
  message: string
}

const readMap = (value: Json | undefined, entries: Entries, tell: Tell): JsonObject => {
  const { path, isGood, message } = entries
  if (!isSet(value)) return {}
  if (!isObject(value)) {
    tell(path, 'must be an object.')
    return {}
  }
  for (const [name, one] of Object.entries(value)) {
    const place = `${path}.${name.slice(0, nameChars)}`
    if (!isFilled(name, nameChars)) tell(place, `must have a name of 1 to ${nameChars} characters.`)
    if (!isGood(one)) tell(place, message)
  }
  return value
}

const isAttribute = (value: Json | undefined): boolean =>
  typeof value === 'string' && exactText(value) === value && value.length <= valueChars

const isMetric = (value: Json | undefined): boolean =>
  (typeof value === 'number' || exactText(value) !== value) &&
  Number.isFinite(Number(exactText(value)))

const readMaps = (
  event: JsonObject,
  path: string,
  tell: Tell
): Pick<MobileEvent, 'attributes' | 'metrics'> => {
  const attributes = readMap(
    event.attributes,
    {
      path: `${path}.attributes`,
      isGood: isAttribute,
      message: `must be text of at most ${valueChars} characters.`,
    },
    tell
  )
  const metrics = readMap(
    event.metrics,
    { path: `${path}.metrics`, isGood: isMetric, message: 'must be a finite number.' },
    tell
  )
  const count = Object.keys(attributes).length + Object.keys(metrics).length
  if (count > mapEntries) {
    tell(path, `must have at most ${mapEntries} attributes and metrics together.`)
  }
  // Each value was looked at above.
  return {
    attributes: attributes as Record<string, string>,
    metrics: metrics as Record<string, Json>,
  }
}

const readEvent = (event: Json, path: string, tell: Tell): MobileEvent | undefined => {
  if (!isObject(event)) {
    tell(path, 'must be an object.')
    return undefined
  }
  const type = readName(event.eventType, `${path}.eventType`, tell)
  const time_ms = readTime(event.timestamp, `${path}.timestamp`, tell)
  if (event.version !== version) tell(`${path}.version`, `must be ${version}.`)
  const session = readSession(event.session, `${path}.session`, tell)
  return { type, time_ms, ...(session ? { session } : {}), ...readMaps(event, path, tell) }
}

/** Reads the body of PutEvents. One invalid event makes it invalid as a whole. */
export const readEvents = (body: Json): Result<MobileEvent[]> => {
  const given = isObject(body) ? body.events : undefined
  if (!Array.isArray(given)) {
    return { ok: false, problems: [problem('invalid', 'events', 'events must be a list.')] }
  }
  const problems: Problem[] = []
  const tell: Tell = (path, message) => {
    if (problems.length < toldProblems) {
      problems.push(problem('invalid_event', path, `${path} ${message}`))
    }
  }
  const events = given.flatMap((event, i) => readEvent(event, `events.${i}`, tell) ?? [])
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: events }
}
