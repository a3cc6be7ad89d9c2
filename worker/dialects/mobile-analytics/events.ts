import { exactText, isObject, type Json, type JsonObject, readInt64 } from '../../base/json'
import { type Problem, problem, type Result } from '../../base/problem'
import { readDateTime } from './time'

/** A valid event of PutEvents. Times are ms since the epoch. */
export interface MobileEvent {
  type: string
  time_ms: number
  session?: MobileSession
  attributes: Record<string, string>
  /** Numbers; those beyond 53 bits as `parseJson` marks them. */
  metrics: Record<string, Json>
}

export interface MobileSession {
  id: string
  start_ms: number
  stop_ms?: number
  duration_ms?: number
}

const maxNameChars = 50
const maxValueChars = 200
const maxMapEntries = 40
const version = 'v2.0'
// A small body can have very many problems, all of which would be stored and answered.
const maxProblems = 100

type AddProblem = (path: string, message: string) => void

const isTextUpTo = (value: Json | undefined, maxChars: number): value is string =>
  typeof value === 'string' &&
  exactText(value) === value &&
  value.length >= 1 &&
  value.length <= maxChars

const isSet = (value: Json | undefined): value is Json => value !== undefined && value !== null

const readName = (value: Json | undefined, path: string, addProblem: AddProblem): string => {
  if (isTextUpTo(value, maxNameChars)) return value
  addProblem(path, `must be text of 1 to ${maxNameChars} characters.`)
  return ''
}

const readTime = (value: Json | undefined, path: string, addProblem: AddProblem): number => {
  const time = typeof value === 'string' ? readDateTime(value) : undefined
  if (time === undefined) addProblem(path, 'must be an ISO 8601 date and time.')
  return time ?? 0
}

// `parseJson` keeps a number whose digits a double cannot hold as marked text.
const isInteger = (value: Json): boolean =>
  (typeof value === 'number' || exactText(value) !== value) && readInt64(value) !== undefined

const readSession = (
  value: Json | undefined,
  path: string,
  addProblem: AddProblem
): MobileSession | undefined => {
  if (!isSet(value)) return undefined
  if (!isObject(value)) {
    addProblem(path, 'must be an object.')
    return undefined
  }
  const { stopTimestamp: stop, duration } = value
  if (isSet(duration) && !isInteger(duration)) {
    addProblem(`${path}.duration`, 'must be a whole number of milliseconds or null.')
  }
  return {
    id: readName(value.id, `${path}.id`, addProblem),
    start_ms: readTime(value.startTimestamp, `${path}.startTimestamp`, addProblem),
    ...(isSet(stop) ? { stop_ms: readTime(stop, `${path}.stopTimestamp`, addProblem) } : {}),
    ...(isSet(duration) ? { duration_ms: Number(readInt64(duration)) } : {}),
  }
}

interface MapRule {
  path: string
  isValid: (value: Json | undefined) => boolean
  /** For an invalid value. */
  message: string
}

const readMap = (value: Json | undefined, rule: MapRule, addProblem: AddProblem): JsonObject => {
  const { path, isValid, message } = rule
  if (!isSet(value)) return {}
  if (!isObject(value)) {
    addProblem(path, 'must be an object.')
    return {}
  }
  for (const [name, entry] of Object.entries(value)) {
    const entryPath = `${path}.${name.slice(0, maxNameChars)}`
    if (!isTextUpTo(name, maxNameChars)) {
      addProblem(entryPath, `must have a name of 1 to ${maxNameChars} characters.`)
    }
    if (!isValid(entry)) addProblem(entryPath, message)
  }
  return value
}

const isAttribute = (value: Json | undefined): boolean =>
  typeof value === 'string' && exactText(value) === value && value.length <= maxValueChars

const isMetric = (value: Json | undefined): boolean =>
  (typeof value === 'number' || exactText(value) !== value) &&
  Number.isFinite(Number(exactText(value)))

const readMaps = (
  event: JsonObject,
  path: string,
  addProblem: AddProblem
): Pick<MobileEvent, 'attributes' | 'metrics'> => {
  const attributes = readMap(
    event.attributes,
    {
      path: `${path}.attributes`,
      isValid: isAttribute,
      message: `must be text of at most ${maxValueChars} characters.`,
    },
    addProblem
  )
  const metrics = readMap(
    event.metrics,
    { path: `${path}.metrics`, isValid: isMetric, message: 'must be a finite number.' },
    addProblem
  )
  const count = Object.keys(attributes).length + Object.keys(metrics).length
  if (count > maxMapEntries) {
    addProblem(path, `must have at most ${maxMapEntries} attributes and metrics together.`)
  }
  // The casts hold: `readMap` checked each value, and one problem refuses the whole request.
  return {
    attributes: attributes as Record<string, string>,
    metrics: metrics as Record<string, Json>,
  }
}

const readEvent = (event: Json, path: string, addProblem: AddProblem): MobileEvent | undefined => {
  if (!isObject(event)) {
    addProblem(path, 'must be an object.')
    return undefined
  }
  const type = readName(event.eventType, `${path}.eventType`, addProblem)
  const time_ms = readTime(event.timestamp, `${path}.timestamp`, addProblem)
  if (event.version !== version) addProblem(`${path}.version`, `must be ${version}.`)
  const session = readSession(event.session, `${path}.session`, addProblem)
  return { type, time_ms, ...(session ? { session } : {}), ...readMaps(event, path, addProblem) }
}

/** Reads the body of PutEvents. One invalid event makes the whole body invalid. */
export const readEvents = (body: Json): Result<MobileEvent[]> => {
  const list = isObject(body) ? body.events : undefined
  if (!Array.isArray(list)) {
    return { ok: false, problems: [problem('invalid', 'events', 'events must be a list.')] }
  }
  const problems: Problem[] = []
  const addProblem: AddProblem = (path, message) => {
    if (problems.length < maxProblems) {
      problems.push(problem('invalid_event', path, `${path} ${message}`))
    }
  }
  const events = list.flatMap((event, i) => readEvent(event, `events.${i}`, addProblem) ?? [])
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: events }
}
