import { expositionType } from '../../metrics/exposition'
import { count, fields, flag, list, ms, ref, text } from './answer-schemas'
import { nothing, type Operation, ok } from './operation'

const id = fields({ id: text })

const selection = {
  description: 'Ids of dead letters, or all.',
  anyOf: [fields({ ids: { ...list(text), maxItems: 1000 } }), fields({ all: { const: true } })],
}

const user = {
  user_identities: { type: 'object', additionalProperties: text },
  mp_deviceid: text,
  mpid: { type: ['string', 'integer'] },
}

const connectionOperations: Record<string, Operation> = {
  'get /status': {
    summary: 'How all connections are',
    answers: ok('In their order.', fields({ connections: list(ref('ConnectionStatus')) })),
  },
  'get /connections/:id/status': {
    summary: 'How a connection is',
    answers: ok('All its shards as one.', ref('ConnectionStatus')),
  },
  'get /connections/:id/history': {
    summary: 'What a connection did in the last 24 hours',
    answers: ok('By five minutes, oldest first.', ref('History')),
  },
  'post /connections/:id/retry': {
    summary: 'Try to deliver now',
    answers: { 202: { description: 'It will be tried.', schema: id } },
  },
  'post /connections/:id/resume': {
    summary: 'Go on with a suspended connection',
    description: 'Once its integration says that it is well.',
    answers: ok('It goes on.', id),
  },
  'post /connections/check': {
    summary: 'Try a connection out without saving it',
    body: fields({ connection: ref('Connection'), output: ref('Output') }, ['output']),
    answers: ok('The output took the verification.', fields({ ok: flag })),
  },
  'get /connections/:id/dead-letters': {
    summary: 'What the output will never take as it is',
    query: { before: { ...text, description: 'The next of the page before.' } },
    answers: ok(
      'Newest first.',
      fields({ dead_letters: list(ref('DeadLetter')), next: text }, ['next'])
    ),
  },
  'post /connections/:id/dead-letters/replay': {
    summary: 'Put dead letters back among what waits',
    body: selection,
    answers: ok('How many there were.', fields({ replayed: count })),
  },
  'delete /connections/:id/dead-letters': {
    summary: 'Delete dead letters for good',
    body: selection,
    answers: ok('How many there were.', fields({ deleted: count })),
  },
}

const profileOperations: Record<string, Operation> = {
  'get /profiles': {
    summary: 'How many profiles there are',
    answers: ok('Their number.', fields({ count })),
  },
  'get /profiles/:mpid': {
    summary: 'What is known of a user',
    answers: ok('The profile.', { type: 'object' }),
  },
  'post /profiles/find': {
    summary: 'The profiles under which a user may be known',
    body: { type: 'object', properties: user },
    answers: ok(
      'Latest first.',
      fields({ profiles: list(fields({ mpid: text, last_ms: ms })), more: flag })
    ),
  },
  'post /erasures': {
    summary: 'Erase a user',
    body: {
      type: 'object',
      properties: { ...user, regulation: { enum: ['gdpr', 'ccpa', 'unknown'] } },
      additionalProperties: false,
    },
    answers: ok('What was erased.', { type: 'object' }),
  },
  'get /audiences/:id/status': {
    summary: 'The size of an audience and its latest changes',
    query: {
      limit: { ...count, minimum: 1, maximum: 100, default: 20, description: 'How many changes.' },
    },
    answers: ok('Newest change first.', ref('AudienceStatus')),
  },
  'post /audiences/preview': {
    summary: 'Whether a profile would be inside by a rule',
    body: fields(
      { rule: { type: 'object' }, mpid: text, profile: { type: 'object' }, now_ms: ms },
      ['mpid', 'profile', 'now_ms']
    ),
    answers: ok('Whether, and until when.', { type: 'object' }),
  },
}

/** Routes of a deployment at work. */
export const runningOperations: Record<string, Operation> = {
  ...connectionOperations,
  ...profileOperations,
  'get /inputs/:id/status': {
    summary: 'When an input was seen last, and what it dropped, flagged and refused',
    answers: ok('Since it was counted first, and by day.', ref('InputStatus')),
  },
  'get /rejected': {
    summary: 'What inputs could not understand',
    query: {
      limit: { ...count, minimum: 1, maximum: 200, default: 50, description: 'How many at most.' },
      before: { ...count, description: 'Only ids before this one.' },
      input: { ...text, description: 'Only of this input.' },
    },
    answers: ok('Newest first.', fields({ count, rejected: list(ref('Rejected')) })),
  },
  'post /outputs/:id/registration': {
    summary: 'Ask an integration anew what it is',
    answers: ok('What it said.', {
      type: 'object',
      properties: { id: text, version: count, registration: { type: 'object' } },
    }),
  },
  'get /outputs/:id/authorization': {
    summary: 'Whether an output is authorized by OAuth2',
    answers: ok('How it is.', ref('Authorization')),
  },
  'post /outputs/:id/authorization': {
    summary: 'Authorize an output',
    answers: ok('Where its owner is to go, or how it is.', ref('Authorization')),
  },
  'delete /outputs/:id/authorization': { summary: 'Forget the tokens', answers: nothing },
  'get /metrics': {
    summary: 'Metrics for Prometheus',
    answers: { 200: { description: 'The text format.', schema: text, type: expositionType } },
  },
  'get /openapi.json': {
    summary: 'This document',
    answers: ok('OpenAPI 3.1.', { type: 'object' }),
  },
}
