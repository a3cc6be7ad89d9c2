import { isObject, type Json, type JsonObject, parseJson, stringifyJson } from '../../base/json'

/** What the admin API tells of a profile, as its page shows it. */
export interface ProfileFacts {
  mpid: string
  last_ms: number
  attributes: [name: string, value: string][]
  identities: { type: string; identity: string; ms: number }[]
  consent: ConsentFact[]
  memberships: { audience: string; since_ms: number }[]
  open_windows: number
  /** Newest first. */
  latest: Omit<WaitingEvent, 'event'>[]
  waiting: WaitingEvent[]
}

export interface ConsentFact {
  regulation: string
  purpose: string
  consented: boolean
  ms: number | undefined
}

export interface WaitingEvent {
  at_ms: number
  input: string
  type: string
  name: string
  event: string
}

const objectsIn = (value: Json | undefined): JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject) : []

const entriesOf = (value: Json | undefined): [string, Json][] =>
  isObject(value)
    ? Object.entries(value).flatMap(([name, one]) => (one === undefined ? [] : [[name, one]]))
    : []

/** A value as people read it: text without quotes, numbers with all their digits. */
export const shownValue = (value: Json): string => {
  const text = stringifyJson(value)
  return typeof value === 'string' && text.startsWith('"') ? value : text
}

const textOf = (value: Json | undefined): string => (value === undefined ? '' : shownValue(value))

const msOf = (value: Json | undefined): number | undefined =>
  typeof value === 'number' ? value : undefined

const isConsent = (value: Json): value is JsonObject => isObject(value) && 'consented' in value

// A regulation has purposes; CCPA's only one is told by its name as well.
const consentOf = (consent: Json | undefined): ConsentFact[] =>
  entriesOf(consent).flatMap(([regulation, purposes]) =>
    entriesOf(purposes).flatMap(([purpose, one]) =>
      isConsent(one)
        ? [
            {
              regulation,
              purpose,
              consented: one.consented === true,
              ms: msOf(one.timestamp_unixtime_ms),
            },
          ]
        : []
    )
  )

/** Reads the answer of `GET /admin/v1/profiles/:mpid`. */
export const readProfile = (text: string): ProfileFacts => {
  const told = parseJson(text)
  if (!isObject(told)) throw new Error('The description of a profile is not an object.')
  return {
    mpid: textOf(told.mpid),
    last_ms: msOf(told.last_ms) ?? 0,
    attributes: entriesOf(told.attributes).map(([name, value]) => [name, shownValue(value)]),
    identities: entriesOf(told.identities).flatMap(([type, one]) =>
      isObject(one) ? [{ type, identity: textOf(one.identity), ms: msOf(one.ms) ?? 0 }] : []
    ),
    consent: consentOf(told.consent),
    memberships: objectsIn(told.memberships).map((one) => ({
      audience: textOf(one.audience),
      since_ms: msOf(one.since_ms) ?? 0,
    })),
    open_windows: msOf(told.open_windows) ?? 0,
    latest: objectsIn(told.latest_events).map((one) => ({
      at_ms: msOf(one.at_ms) ?? 0,
      input: textOf(one.input),
      type: textOf(one.type),
      name: textOf(one.name),
    })),
    waiting: objectsIn(told.waiting_events).map((one) => ({
      at_ms: msOf(one.at_ms) ?? 0,
      input: textOf(one.input),
      type: textOf(one.type),
      name: textOf(one.name),
      event: textOf(one.event),
    })),
  }
}
