import type { Collection } from '../../config/workspace-file'
import { count, fields, flag, list, ref, text } from './answer-schemas'
import type { Schema } from './from-valibot'
import { nothing, type Operation, ok } from './operation'
import { allSchemas, itemName } from './schemas'

const saveQuery = {
  verify: { ...flag, default: true, description: 'Whether S3 buckets get a verification object.' },
  discard: { ...flag, default: false, description: 'Whether what waits for what goes is deleted.' },
  note: { ...text, maxLength: 500, description: 'What the change is for, kept with the version.' },
}

const saved = fields({ version: count, workspace: ref('Workspace') })

/** Routes of the workspace as a whole, of its history and of its keys. */
export const workspaceOperations: Record<string, Operation> = {
  'get /output-kinds': {
    summary: 'The kinds of outputs with their settings',
    answers: ok('Tables of settings.', fields({ output_kinds: list({ type: 'object' }) })),
  },
  'get /workspace': { summary: 'The whole workspace', answers: ok('In force now.', saved) },
  'put /workspace': {
    summary: 'Save a whole workspace',
    description: 'All or nothing. What equals the stored workspace makes no version.',
    query: saveQuery,
    body: ref('Workspace'),
    answers: ok('As it was saved.', saved),
  },
  'get /versions': {
    summary: 'Who changed the workspace, and when',
    query: {
      limit: { ...count, minimum: 1, maximum: 50, default: 20, description: 'How many at most.' },
      before: { ...count, description: 'Only versions before this one.' },
    },
    answers: ok('Newest first.', fields({ versions: list(ref('Version')) })),
  },
  'get /versions/:version': {
    summary: 'The workspace as it was',
    answers: ok('One version.', {
      type: 'object',
      properties: { version: count, workspace: ref('Workspace') },
    }),
  },
  'get /versions/:version/diff': {
    summary: 'What a version changed',
    answers: ok(
      'Against the one before.',
      fields({ version: count, changes: list(ref('Change')) })
    ),
  },
  'post /versions/:version/restore': {
    summary: 'Save a version again',
    description: 'As a new version, through the same checks, with the secrets that it had.',
    query: saveQuery,
    answers: ok('As it was saved.', saved),
  },
  'get /rotate': {
    summary: 'What is still sealed under the previous CONFIG_KEY',
    answers: ok('Numbers of secrets.', ref('Rotation')),
  },
  'post /rotate': {
    summary: 'Seal everything under the current CONFIG_KEY',
    answers: ok('Numbers of secrets.', ref('Rotation')),
  },
}

// The path has it.
const withoutId = (name: Collection): Schema => {
  const schema = allSchemas()[itemName[name]] ?? {}
  const { required } = schema
  return {
    ...schema,
    required: Array.isArray(required) ? required.filter((one) => one !== 'id') : [],
  }
}

/** Routes that all collections have. */
export const collectionOperations = (name: Collection): Record<string, Operation> => {
  const item = ref(itemName[name])
  const one = itemName[name].toLowerCase()
  return {
    'get /:collection': {
      summary: `All ${name}`,
      answers: ok('In their order.', fields({ [name]: list(item) })),
    },
    'get /:collection/:id': { summary: `One ${one}`, answers: ok('As it is stored.', item) },
    'put /:collection/:id': {
      summary: `Make or change one ${one}`,
      query: saveQuery,
      description: 'Its id is that of the path.',
      body: withoutId(name),
      answers: {
        200: { description: 'It was changed.', schema: item },
        201: { description: 'It is new.', schema: item },
      },
    },
    'delete /:collection/:id': {
      summary: `Delete one ${one}`,
      description: 'Refused with 409 while something else names it.',
      query: saveQuery,
      answers: nothing,
    },
  }
}
