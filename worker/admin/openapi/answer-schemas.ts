import { connectionStates } from '../shards'
import type { Schema } from './from-valibot'

export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })

export const text: Schema = { type: 'string' }
export const count: Schema = { type: 'integer', minimum: 0 }
export const flag: Schema = { type: 'boolean' }
export const ms: Schema = { type: 'integer', description: 'Milliseconds since the epoch.' }
const msOrNone: Schema = { type: ['integer', 'null'], description: 'Milliseconds since the epoch.' }

export const list = (items: Schema): Schema => ({ type: 'array', items })

/** An object with all of these fields. */
export const fields = (properties: Record<string, Schema>, optional: string[] = []): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
})

const counts: Schema = { type: 'object', additionalProperties: count }

const connectionStatus = fields(
  {
    id: text,
    shards: count,
    state: { enum: [...connectionStates] },
    last_error: { anyOf: [fields({ at_ms: ms, reason: text }), { type: 'null' }] },
    next_attempt_ms: msOrNone,
    waiting: fields({ deliveries: count, events: count, bytes: count, oldest_ms: msOrNone }),
    delivered: fields({ deliveries: count, requests: count }),
    dead_letters: fields({ letters: count, deliveries: count, events: count, oldest_ms: msOrNone }),
    ledger: fields({
      accepted: count,
      delivered: count,
      filtered: { ...counts, description: 'By the setting that left them out.' },
      dead: count,
      waiting: count,
    }),
    existing_users: fields({
      wanted: flag,
      state: { enum: ['walking', 'done'] },
      profiles_done: count,
      profiles: count,
    }),
  },
  ['existing_users']
)

const change: Schema = {
  type: 'object',
  description: 'Secrets are masked.',
  properties: {
    path: text,
    kind: { enum: ['added', 'removed', 'changed'] },
    before: {},
    after: {},
  },
  required: ['path', 'kind'],
}

const version = fields({
  version: count,
  at_ms: ms,
  by: { ...text, description: 'The name of a token, or who had signed in.' },
  note: text,
  changes: { type: ['integer', 'null'], description: 'Null: the version before is not kept.' },
})

const deadLetter = fields({
  id: text,
  at_ms: ms,
  reason: text,
  deliveries: count,
  events: count,
  payloads: list(text),
})

const seals = fields({ current: count, previous: count, lost: count })

/** What answers hold, by name. */
export const answerSchemas: Record<string, Schema> = {
  Errors: fields({ errors: list(ref('Problem')) }),
  Problem: fields({
    code: text,
    path: { ...text, description: 'Dotted: connections.0.settings.queue_url.' },
    message: text,
  }),
  ConnectionStatus: connectionStatus,
  Change: change,
  Version: version,
  DeadLetter: deadLetter,
  History: fields({
    id: text,
    from_ms: ms,
    to_ms: ms,
    bucket_ms: count,
    buckets: list(
      fields({ at_ms: ms, delivered: count, requests: count, failed: count, dead: count })
    ),
  }),
  Rejected: fields({
    id: count,
    at_ms: ms,
    input: text,
    problems: list(ref('Problem')),
    payload: { ...text, description: 'The beginning of what was sent.' },
  }),
  AudienceStatus: fields({
    id: text,
    size: count,
    changes: list(fields({ at_ms: ms, mpid: text, event: { enum: ['enter', 'exit'] } })),
    walk: fields({ walking: flag, profiles_done: count, profiles: count }),
  }),
  InputStatus: fields(
    {
      id: text,
      last_seen_ms: {
        type: ['integer', 'null'],
        description: 'When events were last stored, to a minute.',
      },
      quota: fields({ events_per_day: count, used: count }),
      counts: { type: 'object', description: 'What was dropped, flagged or refused.' },
    },
    ['quota']
  ),
  Authorization: {
    type: 'object',
    properties: { status: text, grant_type: text, redirect_uri: text, authorization_url: text },
  },
  Rotation: fields({
    version: count,
    workspace: seals,
    subscriptions: seals,
    authorizations: seals,
    lost: { ...list(text), description: 'The places of secrets that no key opens.' },
  }),
}
