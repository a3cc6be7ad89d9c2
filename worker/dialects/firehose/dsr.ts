import { exactText, isObject, type Json, type JsonObject } from '../../base/json'
import { type CheckedBatch, identityTypes } from '../../batch'
import { readDateTime } from '../mobile-analytics/time'
import { isSaid, set, textOf } from './fields'
import { identityNames, type SortedIdentities, sortIdentities } from './identities'

/** What a data subject request asks for. */
export interface SubjectRequest {
  /** `erasure` is the only one that the protocol has. */
  type: Json | undefined
  /** The same when the request comes again. */
  id: string
  regulation: string | undefined
  submitted_ms: number | undefined
  /** The raw ones by their names in the batch, those of the user and those of devices. */
  identities: Record<string, string>
  mpid: string | undefined
  /** The request as an event of a batch, for connections, which know users by their mpids. */
  eventOf: (mpids: string[]) => CheckedBatch
}

// Identities have names of their own in these requests.
const nameOf = (type: string): string => {
  if (type === 'controller_customer_id') return 'customer_id'
  const user = identityNames.user(type)
  return identityTypes.includes(user) ? user : identityNames.device(type)
}

// An object by type here, and lists everywhere else.
const subjectIdentities = (given: Json | undefined): SortedIdentities =>
  sortIdentities(
    isObject(given)
      ? Object.entries(given).map(([type, one]) => (isObject(one) ? { ...one, type } : { type }))
      : given,
    nameOf
  )

// Past the year 5138 in seconds, and in 1973 in milliseconds.
const leastMs = 1e11
// As far from the epoch as a date goes.
const mostMs = 8.64e15

const msOf = (number: number): number =>
  Math.floor(Math.abs(number) < leastMs ? number * 1000 : number)

/** The time of a request, ms: ISO 8601 text, seconds with a fraction, or milliseconds. */
const submittedMs = (given: Json | undefined): number | undefined => {
  const value = exactText(given)
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  const text = String(value)
  const isNumber = typeof value === 'number' || /^-?\d+(\.\d+)?$/.test(text)
  const ms = isNumber ? msOf(Number(text)) : readDateTime(text)
  return ms !== undefined && Math.abs(ms) <= mostMs ? ms : undefined
}

const fieldsOf = (message: JsonObject): JsonObject => {
  const { type: _, id, timestamp_ms, firehose_version, account, ...fields } = message
  const { subject_identities: __, ...rest } = fields
  return set({
    ...rest,
    timestamp_unixtime_ms: timestamp_ms,
    source_message_id: id,
    submitted_unixtime_ms: submittedMs(fields.submitted_time),
  })
}

/** Reads a `dsr_processing_request`. */
export const readSubjectRequest = (message: JsonObject): SubjectRequest => {
  const { named, hashed, unread } = subjectIdentities(message.subject_identities)
  const { mpid, ...identities } = named
  const of = (isUser: boolean): JsonObject =>
    Object.fromEntries(
      Object.entries(identities).filter(([name]) => identityTypes.includes(name) === isUser)
    )
  const [user_identities, device_info] = [of(true), of(false)]
  const fields = set({
    source_request_id: message.id,
    firehose_version: message.firehose_version,
    account: message.account,
    ...(isSaid(user_identities) ? { user_identities } : {}),
    ...(isSaid(device_info) ? { device_info } : {}),
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
      const events = [{ event_type: 'dsr_request', data: { ...fieldsOf(message), mpids } }]
      return { batch: { ...fields, events }, events, problems: [] }
    },
  }
}
