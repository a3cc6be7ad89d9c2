import type { Alert } from '../alerts/alert'
import { type AudienceSet, compileAudiences } from '../audiences/compile'
import { audienceSource } from '../audiences/rule'
import type { FirehoseFacts } from '../connections/firehose/facts'
import type { ConnectionSettings } from '../connections/settings'
import type { TriggerSettings } from '../connections/trigger-settings'
import { outputKinds } from '../outputs'
import { type Bindings, objectsOf } from './deployment'
import type { Input } from './input'
import { cacheWatched } from './watched'
import type { WorkspaceText } from './workspace'
import type { Connection, Output, WorkspaceFile } from './workspace-file'

interface ConnectionBase extends Pick<Connection, 'id' | 'output' | 'enabled' | 'shards'> {
  /** Facts of a connection to an integration. */
  firehose?: FirehoseFacts | undefined
}

/** A connection from an input, with its settings parsed. */
export interface InputConnection extends ConnectionBase {
  input: string
  settings: ConnectionSettings
}

/** A connection from audiences, with its settings parsed. */
export interface AudienceConnection extends ConnectionBase {
  input: typeof audienceSource
  audiences: string[]
  /** The names of its audiences, by their ids. */
  audienceNames: Record<string, string>
  settings: TriggerSettings
}

export type LiveConnection = InputConnection | AudienceConnection

export const isOfAudiences = (connection: LiveConnection): connection is AudienceConnection =>
  connection.input === audienceSource

/** One version of the workspace, parsed and indexed. Secrets are sealed. */
export interface Snapshot {
  version: number
  inputByKey: Map<string, Input>
  inputById: Map<string, Input>
  /** By the ids of their Mobile Analytics access keys. */
  inputByAccessKey: Map<string, Input>
  /** Inputs that receive mParticle's Firehose. */
  firehoseInputs: Input[]
  outputs: Map<string, Output>
  connections: Map<string, LiveConnection>
  /** The enabled connections of an input. */
  connectionsOf: (input: string) => InputConnection[]
  audiences: AudienceSet
  /** The enabled connections from audiences. */
  audienceConnections: AudienceConnection[]
  alerts: Alert[]
}

export interface StoredWorkspace {
  version: number
  file: WorkspaceFile
}

const liveConnection = (file: WorkspaceFile, connection: Connection): LiveConnection[] => {
  const output = file.outputs.find(({ id }) => id === connection.output)
  if (!output) return []
  const { readConnection, readTriggers, integration } = outputKinds[output.kind]
  const { id, enabled, shards, input, audiences, settings } = connection
  const base = { id, output: output.id, enabled, shards, firehose: integration?.facts(id, output) }
  if (audiences) {
    const audienceNames = namesOf(file, audiences)
    const audienceFacts = { audiences, audienceNames, settings: readTriggers(settings) }
    return [{ ...base, input: audienceSource, ...audienceFacts }]
  }
  return input === undefined ? [] : [{ ...base, input, settings: readConnection(settings) }]
}

const namesOf = ({ audiences }: WorkspaceFile, ids: string[]): Record<string, string> =>
  Object.fromEntries(
    audiences.flatMap(({ id, name }) => (ids.includes(id) ? [[id, name === '' ? id : name]] : []))
  )

export const makeSnapshot = ({ version, file }: StoredWorkspace): Snapshot => {
  const connections = file.connections.flatMap((connection) => liveConnection(file, connection))
  const byInput = new Map<string, InputConnection[]>()
  const audienceConnections: AudienceConnection[] = []
  for (const connection of connections) {
    if (!connection.enabled) continue
    if (isOfAudiences(connection)) audienceConnections.push(connection)
    else {
      const { input } = connection
      byInput.set(input, [...(byInput.get(input) ?? []), connection])
    }
  }
  return {
    version,
    inputByKey: new Map(
      file.inputs.flatMap((input) => (input.key === undefined ? [] : [[input.key, input]]))
    ),
    inputById: new Map(file.inputs.map((input) => [input.id, input])),
    inputByAccessKey: new Map(
      file.inputs.flatMap((input) =>
        (input.mobile_analytics?.access_keys ?? []).map((key) => [key.access_key_id, input])
      )
    ),
    firehoseInputs: file.inputs.filter((input) => input.firehose !== undefined),
    outputs: new Map(file.outputs.map((output) => [output.id, output])),
    connections: new Map(connections.map((connection) => [connection.id, connection])),
    connectionsOf: (input) => byInput.get(input) ?? [],
    // Earlier versions of the file had no rules.
    audiences: compileAudiences(file.audiences.filter(({ rule }) => rule !== undefined)),
    audienceConnections,
    alerts: file.alerts ?? [],
  }
}

// A snapshot of this age is used without a read.
const freshMs = 10_000
// An older snapshot is used only after a read, or if the read fails.
const staleMs = 60_000

let current: { snapshot: Snapshot; read_ms: number } | undefined
let refreshingUntilMs = 0
const mostEarlier = 20
const earlier = new Map<number, Snapshot>()

/** The workspace as it is stored now. */
export const readStored = async (env: Bindings): Promise<StoredWorkspace> => {
  const { watched, ...text } = await objectsOf(env).WORKSPACE.getByName('workspace').current()
  cacheWatched(watched)
  return parse(text)
}

const parse = ({ version, file }: WorkspaceText): StoredWorkspace => {
  const stored: WorkspaceFile = JSON.parse(file)
  // Earlier versions of the file had no alerts.
  return { version, file: { ...stored, alerts: stored.alerts ?? [] } }
}

const read = async (env: Bindings): Promise<Snapshot> => {
  return remember(await readStored(env))
}

const remember = (stored: StoredWorkspace): Snapshot => {
  if (!current || stored.version > current.snapshot.version) {
    current = { snapshot: makeSnapshot(stored), read_ms: Date.now() }
  } else current.read_ms = Date.now()
  return current.snapshot
}

/**
 * The workspace, from this isolate's cache: at most ten seconds old while requests arrive. It is
 * read again in the background, so that only the first upload of an isolate waits for a read.
 *
 * Requests must not share a pending read: workerd ties I/O to the request that began it.
 *
 * @param atLeast a version that is known to exist: an older one is not used
 */
export const workspaceSnapshot = async (
  env: Bindings,
  waitUntil: (promise: Promise<unknown>) => void,
  atLeast = 0
): Promise<Snapshot> => {
  const now = Date.now()
  if (!current || current.snapshot.version < atLeast) return read(env)
  const ageMs = now - current.read_ms
  if (ageMs < freshMs) return current.snapshot
  if (ageMs > staleMs) {
    const { snapshot } = current
    return read(env).catch(() => snapshot)
  }
  if (now > refreshingUntilMs) {
    refreshingUntilMs = now + freshMs
    waitUntil(read(env).catch(() => undefined))
  }
  return current.snapshot
}

/**
 * An earlier version, for events that were received under it; the current one if it was deleted.
 */
export const snapshotAt = async (env: Bindings, version: number): Promise<Snapshot> => {
  const cached = earlier.get(version)
  if (cached) return cached
  const stored = await objectsOf(env).WORKSPACE.getByName('workspace').at(version)
  const snapshot = makeSnapshot(parse(stored))
  if (earlier.size > mostEarlier) earlier.clear()
  earlier.set(version, snapshot)
  return snapshot
}

/** Caches a version that this isolate has just stored, so that it applies at once. */
export const adoptWorkspace = (stored: StoredWorkspace): Snapshot => remember(stored)
