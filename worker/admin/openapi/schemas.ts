import { type JsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema'
import * as v from 'valibot'
import { outputKinds } from '../../outputs'
import { audienceStatusSchema, previewSchema, reasonSchema } from '../answers/audiences'
import {
  checkedSchema,
  connectionStatusSchema,
  deadLettersSchema,
  deletedSchema,
  historySchema,
  replayedSchema,
  statusSchema,
} from '../answers/connections'
import { errorsSchema, problemSchema } from '../answers/errors'
import { inputStatusSchema, rejectedPageSchema } from '../answers/inputs'
import {
  authorizationSchema,
  authorizingSchema,
  outputKindsSchema,
  registrationSchema,
} from '../answers/outputs'
import { erasureSchema, foundSchema, profileCountSchema, profileSchema } from '../answers/profiles'
import { idSchema } from '../answers/scalars'
import {
  collectionSchemas,
  diffSchema,
  itemSchemas,
  rotationSchema,
  versionedWorkspaceSchema,
  versionSchema,
  versionsSchema,
  workspaceSchema,
} from '../answers/workspace'
import { fromSettings } from './from-settings'

/** What the document names, by name: all answers, and what callers send that is like them. */
const schemas = {
  Errors: errorsSchema,
  Problem: problemSchema,
  Id: idSchema,
  Workspace: workspaceSchema,
  VersionedWorkspace: versionedWorkspaceSchema,
  Input: itemSchemas.inputs,
  Inputs: collectionSchemas.inputs,
  InputBody: v.partial(itemSchemas.inputs, ['id']),
  Output: itemSchemas.outputs,
  Outputs: collectionSchemas.outputs,
  OutputBody: v.partial(itemSchemas.outputs, ['id']),
  Connection: itemSchemas.connections,
  Connections: collectionSchemas.connections,
  ConnectionBody: v.partial(itemSchemas.connections, ['id']),
  Audience: itemSchemas.audiences,
  Audiences: collectionSchemas.audiences,
  AudienceBody: v.partial(itemSchemas.audiences, ['id']),
  Alert: itemSchemas.alerts,
  Alerts: collectionSchemas.alerts,
  AlertBody: v.partial(itemSchemas.alerts, ['id']),
  OutputKinds: outputKindsSchema,
  Registration: registrationSchema,
  Authorization: authorizationSchema,
  Authorizing: authorizingSchema,
  Version: versionSchema,
  Versions: versionsSchema,
  Diff: diffSchema,
  Rotation: rotationSchema,
  Status: statusSchema,
  ConnectionStatus: connectionStatusSchema,
  History: historySchema,
  Checked: checkedSchema,
  DeadLetters: deadLettersSchema,
  Replayed: replayedSchema,
  Deleted: deletedSchema,
  InputStatus: inputStatusSchema,
  RejectedPage: rejectedPageSchema,
  AudienceStatus: audienceStatusSchema,
  Preview: previewSchema,
  Reason: reasonSchema,
  ProfileCount: profileCountSchema,
  Profile: profileSchema,
  Found: foundSchema,
  Erasure: erasureSchema,
  Metrics: v.string(),
  Document: v.looseObject({ openapi: v.string() }),
}

export type SchemaName = keyof typeof schemas

export const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` })

const secretNote =
  'Secrets are never returned: ******** stands for one, and sent back keeps the stored one.'

const capital = (id: string): string => `${id[0]?.toUpperCase() ?? ''}${id.slice(1)}`

const settingsName = (kind: string, what: string): string => `${capital(kind)}${what}Settings`

const settingsSchemas = (): Record<string, JsonSchema> =>
  Object.fromEntries(
    Object.entries(outputKinds).flatMap(([kind, { configuration, connection, triggers }]) => [
      [settingsName(kind, 'Output'), fromSettings(configuration)],
      [settingsName(kind, 'Connection'), fromSettings(connection)],
      [settingsName(kind, 'AudienceConnection'), fromSettings(triggers)],
    ])
  )

const kinds = Object.entries(outputKinds)

const withSecretNote = (schema: JsonSchema): JsonSchema => ({ ...schema, description: secretNote })

const ofEachKind = (output: JsonSchema): JsonSchema => ({
  description: secretNote,
  oneOf: kinds.map(([kind, { label }]) => ({
    ...output,
    title: label,
    properties: {
      ...output.properties,
      kind: { const: kind },
      settings: ref(settingsName(kind, 'Output')),
    },
  })),
})

const withKnownSettings = (connection: JsonSchema): JsonSchema => ({
  ...connection,
  description: secretNote,
  properties: {
    ...connection.properties,
    settings: {
      description: 'By the kind of its output, and by what feeds it.',
      anyOf: kinds.flatMap(([kind]) => [
        ref(settingsName(kind, 'Connection')),
        ref(settingsName(kind, 'AudienceConnection')),
      ]),
    },
  },
})

/** All schemas of the document, by name. Converted on each request of the document, not at start-up. */
export const documentSchemas = (): Record<string, JsonSchema> => {
  const converted = toJsonSchemaDefs(schemas, {
    target: 'draft-2020-12',
    overrideRef: ({ referenceId }) => ref(referenceId).$ref,
    overrideSchema: ({ valibotSchema, jsonSchema }) => {
      // Checked by functions, which JSON Schema cannot express.
      if (valibotSchema.type === 'custom') return { type: 'object' }
      // Keys are always text, and client generators do not support `propertyNames`.
      if (valibotSchema.type === 'record') return { ...jsonSchema, propertyNames: undefined }
      return undefined
    },
  })
  return {
    ...converted,
    Input: withSecretNote(converted.Input),
    InputBody: withSecretNote(converted.InputBody),
    Output: ofEachKind(converted.Output),
    OutputBody: ofEachKind(converted.OutputBody),
    Connection: withKnownSettings(converted.Connection),
    ConnectionBody: withKnownSettings(converted.ConnectionBody),
    Audience: withSecretNote(converted.Audience),
    Alert: withSecretNote(converted.Alert),
    AlertBody: withSecretNote(converted.AlertBody),
    ...settingsSchemas(),
  }
}
