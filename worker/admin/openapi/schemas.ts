import { isObject } from '../../base/json'
import { type Collection, collections, fileSchema } from '../../config/workspace-file'
import { type OutputKindId, outputKinds } from '../../outputs'
import { answerSchemas, list, ref } from './answer-schemas'
import { fromSettings } from './from-settings'
import { fromValibot, type Schema } from './from-valibot'

/** The name of the schema of an item. */
export const itemName: Record<Collection, string> = {
  inputs: 'Input',
  outputs: 'Output',
  connections: 'Connection',
  audiences: 'Audience',
  alerts: 'Alert',
}

const capital = (id: string): string => `${id[0]?.toUpperCase() ?? ''}${id.slice(1)}`

const settingsName = (kind: string, what: string): string => `${capital(kind)}${what}Settings`

const schemaAt = (schema: Schema, ...path: string[]): Schema => {
  const found = path.reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), schema)
  return isObject(found) ? found : {}
}

const secretNote = 'Secrets are never read back: ******** stands for one, and keeps it when sent.'

const settingsSchemas = (): Record<string, Schema> =>
  Object.fromEntries(
    Object.entries(outputKinds).flatMap(([kind, { configuration, connection, triggers }]) => [
      [settingsName(kind, 'Output'), fromSettings(configuration)],
      [settingsName(kind, 'Connection'), fromSettings(connection)],
      [settingsName(kind, 'AudienceConnection'), fromSettings(triggers)],
    ])
  )

const outputSchema = (item: Schema, kind: string): Schema => ({
  ...item,
  title: outputKinds[kind as OutputKindId].label,
  properties: {
    ...schemaAt(item, 'properties'),
    kind: { const: kind },
    settings: ref(settingsName(kind, 'Output')),
  },
})

const connectionSchema = (item: Schema): Schema => ({
  ...item,
  properties: {
    ...schemaAt(item, 'properties'),
    settings: {
      description: 'By the kind of its output, and by what feeds it.',
      anyOf: Object.keys(outputKinds).flatMap((kind) => [
        ref(settingsName(kind, 'Connection')),
        ref(settingsName(kind, 'AudienceConnection')),
      ]),
    },
  },
})

const itemSchemas = (): Record<string, Schema> => {
  const file = fromValibot(fileSchema)
  const items = Object.fromEntries(
    collections.map((name) => [name, schemaAt(file, 'properties', name, 'items')])
  )
  const { outputs = {}, connections = {} } = items
  const kinds = Object.keys(outputKinds)
  return {
    ...Object.fromEntries(
      collections.map((name) => [itemName[name], { ...items[name], description: secretNote }])
    ),
    Output: {
      description: secretNote,
      oneOf: kinds.map((kind) => outputSchema(outputs, kind)),
    },
    Connection: { ...connectionSchema(connections), description: secretNote },
    Workspace: {
      type: 'object',
      properties: Object.fromEntries(collections.map((name) => [name, list(ref(itemName[name]))])),
      additionalProperties: false,
    },
  }
}

/** All schemas of the document, by name. */
export const allSchemas = (): Record<string, Schema> => ({
  ...itemSchemas(),
  ...settingsSchemas(),
  ...answerSchemas,
})
