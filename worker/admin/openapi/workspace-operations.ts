import type { Collection } from '../../config/workspace-file'
import { nothing, type Operation, ok } from './operation'
import { ref, type SchemaName } from './schemas'

const saveQuery = {
  verify: {
    type: 'boolean',
    default: true,
    description: 'Whether S3 buckets get a verification object.',
  },
  discard: {
    type: 'boolean',
    default: false,
    description: 'Whether deliveries that wait for a removed connection are deleted.',
  },
  note: {
    type: 'string',
    maxLength: 500,
    description: 'What the change is for, stored with the version.',
  },
} satisfies Operation['query']

/** Routes of the workspace as a whole, of its history and of its keys. */
export const workspaceOperations: Record<string, Operation> = {
  'get /output-kinds': {
    summary: 'The kinds of outputs with their settings',
    answers: ok('Tables of settings.', 'OutputKinds'),
  },
  'get /workspace': {
    summary: 'The whole workspace',
    answers: ok('In force now.', 'VersionedWorkspace'),
  },
  'put /workspace': {
    summary: 'Save a whole workspace',
    description: 'All or nothing. What equals the stored workspace makes no version.',
    query: saveQuery,
    body: ref('Workspace'),
    answers: ok('As it was saved.', 'VersionedWorkspace'),
  },
  'get /versions': {
    summary: 'Who changed the workspace, and when',
    query: {
      limit: {
        type: 'integer',
        minimum: 1,
        maximum: 50,
        default: 20,
        description: 'How many at most.',
      },
      before: { type: 'integer', minimum: 0, description: 'Only versions before this one.' },
    },
    answers: ok('Newest first.', 'Versions'),
  },
  'get /versions/:version': {
    summary: 'The workspace as it was',
    answers: ok('One version.', 'Version'),
  },
  'get /versions/:version/diff': {
    summary: 'What a version changed',
    answers: ok('Compared with the version before.', 'Diff'),
  },
  'post /versions/:version/restore': {
    summary: 'Save a version again',
    description: 'As a new version, through the same checks, with the secrets that it had.',
    query: saveQuery,
    answers: ok('As it was saved.', 'VersionedWorkspace'),
  },
  'get /rotate': {
    summary: 'What is still sealed under the previous CONFIG_KEY',
    answers: ok('Numbers of secrets.', 'Rotation'),
  },
  'post /rotate': {
    summary: 'Seal everything under the current CONFIG_KEY',
    answers: ok('Numbers of secrets.', 'Rotation'),
  },
}

interface Names {
  item: SchemaName
  items: SchemaName
  body: SchemaName
}

const namesOf: Record<Collection, Names> = {
  inputs: { item: 'Input', items: 'Inputs', body: 'InputBody' },
  outputs: { item: 'Output', items: 'Outputs', body: 'OutputBody' },
  connections: { item: 'Connection', items: 'Connections', body: 'ConnectionBody' },
  audiences: { item: 'Audience', items: 'Audiences', body: 'AudienceBody' },
  alerts: { item: 'Alert', items: 'Alerts', body: 'AlertBody' },
}

/** Routes that all collections have. */
export const collectionOperations = (collection: Collection): Record<string, Operation> => {
  const { item, items, body } = namesOf[collection]
  const word = item.toLowerCase()
  return {
    'get /:collection': { summary: `All ${collection}`, answers: ok('In their order.', items) },
    'get /:collection/:id': { summary: `One ${word}`, answers: ok('As it is stored.', item) },
    'put /:collection/:id': {
      summary: `Create or change one ${word}`,
      query: saveQuery,
      description: 'Its id is that of the path.',
      body: ref(body),
      answers: {
        200: { description: 'It was changed.', schema: item },
        201: { description: 'It is new.', schema: item },
      },
    },
    'delete /:collection/:id': {
      summary: `Delete one ${word}`,
      description: 'Refused with 409 while something else names it.',
      query: saveQuery,
      answers: nothing,
    },
  }
}
