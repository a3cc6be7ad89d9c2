import * as v from 'valibot'
import { type Collection, fileSchema, type WorkspaceFile } from '../../config/workspace-file'
import { isOutputKind, type OutputKindId } from '../../outputs'
import { count, ms } from './scalars'

const { inputs, outputs, connections, audiences, alerts } = fileSchema.entries

const outputSchema = v.strictObject({
  ...outputs.wrapped.item.entries,
  kind: v.custom<OutputKindId>(isOutputKind),
})

/** One item of each collection, secrets masked. */
export const itemSchemas = {
  inputs: inputs.wrapped.item,
  outputs: outputSchema,
  connections: connections.wrapped.item,
  audiences: audiences.wrapped.item,
  alerts: alerts.wrapped.item,
}

/** All items of a collection, by its name. */
export const collectionSchemas: {
  [N in Collection]: v.GenericSchema<unknown, Pick<WorkspaceFile, N>>
} = {
  inputs: v.object({ inputs: v.array(itemSchemas.inputs) }),
  outputs: v.object({ outputs: v.array(itemSchemas.outputs) }),
  connections: v.object({ connections: v.array(itemSchemas.connections) }),
  audiences: v.object({ audiences: v.array(itemSchemas.audiences) }),
  alerts: v.object({ alerts: v.array(itemSchemas.alerts) }),
}

export const workspaceSchema = v.strictObject({
  ...fileSchema.entries,
  outputs: v.optional(v.array(outputSchema), []),
})

export const versionedWorkspaceSchema = v.object({ version: count, workspace: workspaceSchema })

const authorshipEntries = {
  version: count,
  at_ms: ms,
  by: v.pipe(v.string(), v.description('The name of an admin token, or who had signed in.')),
  note: v.string(),
}

export const versionSchema = v.object({ ...authorshipEntries, workspace: workspaceSchema })

const listedVersionSchema = v.object({
  ...authorshipEntries,
  changes: v.pipe(
    v.nullable(count),
    v.description('How many values differ from the version before; null: that is not stored.')
  ),
})

export const versionsSchema = v.object({ versions: v.array(listedVersionSchema) })

const changeSchema = v.pipe(
  v.variant('kind', [
    v.object({ path: v.string(), kind: v.literal('added'), after: v.unknown() }),
    v.object({ path: v.string(), kind: v.literal('removed'), before: v.unknown() }),
    v.object({
      path: v.string(),
      kind: v.literal('changed'),
      before: v.unknown(),
      after: v.unknown(),
    }),
  ]),
  v.description('Secrets are masked.')
)

export const diffSchema = v.object({ version: count, changes: v.array(changeSchema) })

const keysSchema = v.object({ current: count, previous: count, lost: count })

export const rotationSchema = v.object({
  version: v.pipe(count, v.description('Of the workspace.')),
  workspace: keysSchema,
  authorizations: v.pipe(keysSchema, v.description('Tokens of outputs that were authorized.')),
  subscriptions: v.pipe(
    keysSchema,
    v.description('Settings of audiences to which integrations are subscribed.')
  ),
  lost: v.pipe(
    v.array(v.string()),
    v.description('The paths of secrets in the workspace that no key opens.')
  ),
})

export type VersionedWorkspace = v.InferOutput<typeof versionedWorkspaceSchema>
export type Version = v.InferOutput<typeof versionSchema>
export type Versions = v.InferOutput<typeof versionsSchema>
export type Diff = v.InferOutput<typeof diffSchema>
export type Rotation = v.InferOutput<typeof rotationSchema>
