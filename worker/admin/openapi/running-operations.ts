import type { JsonSchema } from '@valibot/to-json-schema'
import { expositionType } from '../../metrics/exposition'
import { nothing, type Operation, ok } from './operation'
import { ref } from './schemas'

const selection: JsonSchema = {
  description: 'Ids of dead letters, or all.',
  anyOf: [
    {
      type: 'object',
      properties: { ids: { type: 'array', items: { type: 'string' }, maxItems: 1000 } },
      required: ['ids'],
    },
    { type: 'object', properties: { all: { const: true } }, required: ['all'] },
  ],
}

const user: Record<string, JsonSchema> = {
  user_identities: { type: 'object', additionalProperties: { type: 'string' } },
  mp_deviceid: { type: 'string' },
  mpid: { type: ['string', 'integer'] },
}

const connectionOperations: Record<string, Operation> = {
  'get /status': {
    summary: 'The status of all connections',
    answers: ok('In their order.', 'Status'),
  },
  'get /connections/:id/status': {
    summary: 'The status of a connection',
    answers: ok('All its shards as one.', 'ConnectionStatus'),
  },
  'get /connections/:id/history': {
    summary: 'What a connection did in the last 24 hours',
    answers: ok('By five minutes, oldest first.', 'History'),
  },
  'post /connections/:id/retry': {
    summary: 'Try to deliver now',
    answers: { 202: { description: 'It will be tried.', schema: 'Id' } },
  },
  'post /connections/:id/resume': {
    summary: 'Resume a suspended connection',
    description: 'Once its integration answers that it is well.',
    answers: ok('It is resumed.', 'Id'),
  },
  'post /connections/check': {
    summary: 'Try a connection out without saving it',
    body: {
      type: 'object',
      properties: { connection: ref('Connection'), output: ref('Output') },
      required: ['connection'],
    },
    answers: ok('The output accepted the verification.', 'Checked'),
  },
  'get /connections/:id/dead-letters': {
    summary: 'Deliveries that the output will never accept as they are',
    query: { before: { type: 'string', description: '`next` of the page before.' } },
    answers: ok('Newest first.', 'DeadLetters'),
  },
  'post /connections/:id/dead-letters/replay': {
    summary: 'Enqueue dead letters again',
    body: selection,
    answers: ok('How many there were.', 'Replayed'),
  },
  'delete /connections/:id/dead-letters': {
    summary: 'Delete dead letters for good',
    body: selection,
    answers: ok('How many there were.', 'Deleted'),
  },
}

const profileOperations: Record<string, Operation> = {
  'get /profiles': {
    summary: 'How many profiles there are',
    answers: ok('Their number.', 'ProfileCount'),
  },
  'get /profiles/:mpid': {
    summary: 'What is known of a user',
    answers: ok('The profile.', 'Profile'),
  },
  'post /profiles/find': {
    summary: 'The profiles under which a user may be known',
    body: { type: 'object', properties: user },
    answers: ok('Latest first.', 'Found'),
  },
  'post /erasures': {
    summary: 'Erase a user',
    body: {
      type: 'object',
      properties: { ...user, regulation: { enum: ['gdpr', 'ccpa', 'unknown'] } },
      additionalProperties: false,
    },
    answers: ok('What was erased.', 'Erasure'),
  },
  'get /audiences/:id/status': {
    summary: 'The size of an audience and its latest changes',
    query: {
      limit: {
        type: 'integer',
        minimum: 1,
        maximum: 100,
        default: 20,
        description: 'How many changes.',
      },
    },
    answers: ok('Newest change first.', 'AudienceStatus'),
  },
  'post /audiences/preview': {
    summary: 'Whether a rule would put a profile inside',
    body: {
      type: 'object',
      properties: {
        rule: { type: 'object' },
        mpid: { type: 'string' },
        profile: { type: 'object' },
        now_ms: { type: 'integer', description: 'Milliseconds since the epoch.' },
      },
      required: ['rule'],
    },
    answers: ok('Whether, and until when.', 'Preview'),
  },
}

/** Routes of a deployment at work. */
export const runningOperations: Record<string, Operation> = {
  ...connectionOperations,
  ...profileOperations,
  'get /inputs/:id/status': {
    summary: 'When an input was last seen, and what it dropped, flagged and refused',
    answers: ok('In total, and by day.', 'InputStatus'),
  },
  'get /rejected': {
    summary: 'What inputs could not understand',
    query: {
      limit: {
        type: 'integer',
        minimum: 1,
        maximum: 200,
        default: 50,
        description: 'How many at most.',
      },
      before: { type: 'integer', minimum: 0, description: 'Only ids before this one.' },
      input: { type: 'string', description: 'Only of this input.' },
    },
    answers: ok('Newest first.', 'RejectedPage'),
  },
  'post /outputs/:id/registration': {
    summary: 'Fetch the registration of an integration again',
    answers: ok('What it answered.', 'Registration'),
  },
  'get /outputs/:id/authorization': {
    summary: 'Whether an output is authorized by OAuth2',
    answers: ok('Its state.', 'Authorization'),
  },
  'post /outputs/:id/authorization': {
    summary: 'Authorize an output',
    answers: ok('Where its owner is to go, or its state.', 'Authorizing'),
  },
  'delete /outputs/:id/authorization': { summary: 'Delete the tokens', answers: nothing },
  'get /metrics': {
    summary: 'Metrics for Prometheus',
    answers: { 200: { description: 'The text format.', schema: 'Metrics', type: expositionType } },
  },
  'get /openapi.json': {
    summary: 'This document',
    answers: ok('OpenAPI 3.1.', 'Document'),
  },
}
