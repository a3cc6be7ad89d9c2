import { exactText, isObject, type Json, type JsonObject, omit } from '../../base/json'
import { type CheckedBatch, identityTypes } from '../../batch'
import { readDateTime } from '../mobile-analytics/time'
import { isFilled, set, textOf } from './fields'
import { identityNames, type SortedIdentities, sortIdentities } from './identities'

/** A data subject request. */
export interface SubjectRequest {
  /** The protocol has only `erasure`. */
  type: Json | undefined
  /** The same when the request comes again. */
  id: string
  regulation: string | undefined
  submitted_ms: number | undefined
  /** Of the user and of devices, those that are not hashed, by their names in the batch. */
  identities: Record<string, string>
  mpid: string | undefined
  /**
   * The request as an event for the connections, with the mpids by which receivers know the user.
   */
  eventOf: (mpids: string[]) => CheckedBatch
}

// Identity types of these requests, which differ from those of other messages.
const nameOf = (type: string): string => {
  if (type === 'controller_customer_id') return 'customer_id'
  const user = identityNames.user(type)
  return identityTypes.includes(user) ? user : identityNames.device(type)
}

// An object by type, where all other messages have lists.
const subjectIdentities = (identities: Json | undefined): SortedIdentities => {
  if (!isObject(identities)) return sortIdentities(identities, nameOf)
  const list = Object.entries(identities).map(([type, identity]) =>
    isObject(identity) ? { ...identity, type } : { type }
  )
  return sortIdentities(list, nameOf)
}

// Smaller numbers are seconds: as seconds it is in the year 5138, as milliseconds in 1973.
const minMs = 1e11
// The latest time that a JavaScript Date can hold (ECMA-262, time values).
const latestMs = 8.64e15

const toMs = (number: number): number =>
  Math.floor(Math.abs(number) < minMs ? number * 1000 : number)

/** The time of a request, ms: ISO 8601 text, seconds with a fraction, or milliseconds. */
const submittedMs = (time: Json | undefined): number | undefined => {
  const value = exactText(time)
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const text = String(value)
  const isNumber = typeof value === 'number' || /^-?\d+(\.\d+)?$/.test(text)
  const ms = isNumber ? toMs(Number(text)) : readDateTime(text)
  return ms !== undefined && Math.abs(ms) <= latestMs ? ms : undefined
}

// Fields that the event has under other names, or that the batch has.
const convertedFields = [
  'type',
  'id',
  'timestamp_ms',
  'firehose_version',
  'account',
  'subject_identities',
]

const eventData = (message: JsonObject): JsonObject =>
  set({
    ...omit(message, convertedFields),
    timestamp_unixtime_ms: message.timestamp_ms,
    source_message_id: message.id,
    submitted_unixtime_ms: submittedMs(message.submitted_time),
  })

/** Reads a `dsr_processing_request`. */
export const readSubjectRequest = (message: JsonObject): SubjectRequest => {
  const { named, hashed, unread } = subjectIdentities(message.subject_identities)
  const { mpid, ...identities } = named
  const deviceTypes = Object.keys(identities).filter((name) => !identityTypes.includes(name))
  const user_identities = omit(identities, deviceTypes)
  const device_info = omit(identities, identityTypes)
  const fields = set({
    source_request_id: message.id,
    firehose_version: message.firehose_version,
    account: message.account,
    ...(isFilled(user_identities) ? { user_identities } : {}),
    ...(isFilled(device_info) ? { device_info } : {}),
    ...(hashed.length > 0 ? { hashed_identities: hashed } : {}),
    ...(unread.length > 0 ? { unread_identities: unread } : {}),
  })
  return {
    type: message.subject_request_type,
    id: textOf(message.subject_request_id) ?? textOf(message.id) ?? crypto.randomUUID(),
    regulation: textOf(message.regulation),
    submitted_ms: submittedMs(message.submitted_time),
    identities,
    mpid,
    eventOf: (mpids) => {
      const events = [{ event_type: 'dsr_request', data: { ...eventData(message), mpids } }]
      return { batch: { ...fields, events }, events, problems: [] }
    },
  }
}
