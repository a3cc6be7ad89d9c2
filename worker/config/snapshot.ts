import type { Alert } from '../alerts/alert'
import { type AudienceSet, compileAudiences } from '../audiences/compile'
import { audienceSource } from '../audiences/rule'
import type { FirehoseFacts } from '../connections/firehose/facts'
import type { ConnectionSettings } from '../connections/settings'
import type { TriggerSettings } from '../connections/trigger-settings'
import { outputKinds } from '../outputs'
import { type Bindings, objectsOf } from './deployment'
import type { Input } from './input'
import { noteWatched } from './watched'
import type { WorkspaceText } from './workspace'
import type { Connection, Output, WorkspaceFile } from './workspace-file'

interface Live extends Pick<Connection, 'id' | 'output' | 'enabled' | 'shards'> {
  /** What connections to integrations go by. */
  firehose?: FirehoseFacts | undefined
}

/** A connection that an input feeds, with its settings read. */
export interface InputConnection extends Live {
  input: string
  settings: ConnectionSettings
}

/** A connection that audiences feed. */
export interface AudienceConnection extends Live {
  input: typeof audienceSource
  audiences: string[]
  /** The names of its audiences, by their ids. */
  audienceNames: Record<string, string>
  settings: TriggerSettings
}

export type LiveConnection = InputConnection | AudienceConnection

export const isOfAudiences = (connection: LiveConnection): connection is AudienceConnection =>
  connection.input === audienceSource

/** One version of the workspace, ready for use. Secrets are sealed. */
export interface Snapshot {
  version: number
  inputByKey: Map<string, Input>
  inputById: Map<string, Input>
  /** By the ids of their Mobile Analytics access keys. */
  inputByAccessKey: Map<string, Input>
  /** Those that take mParticle's Firehose. */
  firehoseInputs: Input[]
  outputs: Map<string, Output>
  connections: Map<string, LiveConnection>
  /** The enabled connections of an input. */
  connectionsOf: (input: string) => InputConnection[]
  audiences: AudienceSet
  /** The enabled connections that audiences feed. */
  audienceConnections: AudienceConnection[]
  alerts: Alert[]
}

export interface StoredWorkspace {
  version: number
  file: WorkspaceFile
}

const liveConnection = (file: WorkspaceFile, connection: Connection): LiveConnection[] => {
  const output = file.outputs.find((one) => one.id === connection.output)
  if (!output) return []
  const { readConnection, readTriggers, integration } = outputKinds[output.kind]
  const { id, enabled, shards, input, audiences, settings } = connection
  const live = { id, output: output.id, enabled, shards, firehose: integration?.facts(id, output) }
  if (audiences) {
    const audienceNames = namesOf(file, audiences)
    const own = { audiences, audienceNames, settings: readTriggers(settings) }
    return [{ ...live, input: audienceSource, ...own }]
  }
  return input === undefined ? [] : [{ ...live, input, settings: readConnection(settings) }]
}

const namesOf = ({ audiences }: WorkspaceFile, ids: string[]): Record<string, string> =>
  Object.fromEntries(
    audiences.flatMap(({ id, name }) => (ids.includes(id) ? [[id, name === '' ? id : name]] : []))
  )

export const makeSnapshot = ({ version, file }: StoredWorkspace): Snapshot => {
  const connections = file.connections.flatMap((one) => liveConnection(file, one))
  const byInput = new Map<string, InputConnection[]>()
  const audienceConnections: AudienceConnection[] = []
  for (const one of connections) {
    if (!one.enabled) continue
    if (isOfAudiences(one)) audienceConnections.push(one)
    else byInput.set(one.input, [...(byInput.get(one.input) ?? []), one])
  }
  return {
    version,
    inputByKey: new Map(
      file.inputs.flatMap((one) => (one.key === undefined ? [] : [[one.key, one]]))
    ),
    inputById: new Map(file.inputs.map((one) => [one.id, one])),
    inputByAccessKey: new Map(
      file.inputs.flatMap((one) =>
        (one.mobile_analytics?.access_keys ?? []).map((key) => [key.access_key_id, one])
      )
    ),
    firehoseInputs: file.inputs.filter((one) => one.firehose !== undefined),
    outputs: new Map(file.outputs.map((one) => [one.id, one])),
    connections: new Map(connections.map((one) => [one.id, one])),
    connectionsOf: (input) => byInput.get(input) ?? [],
    // Earlier versions of the file had no rules.
    audiences: compileAudiences(file.audiences.filter((one) => one.rule !== undefined)),
    audienceConnections,
    alerts: file.alerts ?? [],
  }
}

const freshMs = 10_000
// An isolate that slept longer than this asks before it answers.
const staleMs = 60_000

let current: { snapshot: Snapshot; read_ms: number } | undefined
let refreshingUntilMs = 0
const earlier = new Map<number, Snapshot>()

/** The workspace as it is stored now. */
export const readStored = async (env: Bindings): Promise<StoredWorkspace> => {
  const { watched, ...text } = await objectsOf(env).WORKSPACE.getByName('workspace').current()
  noteWatched(watched)
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
 * The workspace as this isolate knows it: at most ten seconds old while requests come in, and
 * served stale while it is read anew, so that no upload waits for it but the first.
 *
 * @param atLeast a version that somebody else has seen, so that an older one must not be served
 *
 * Requests must not share a pending read: workerd ties I/O to the request that began it.
 */
export const workspaceSnapshot = async (
  env: Bindings,
  waitUntil: (promise: Promise<unknown>) => void,
  atLeast = 0
): Promise<Snapshot> => {
  const now = Date.now()
  if (!current || current.snapshot.version < atLeast) return read(env)
  const age = now - current.read_ms
  if (age < freshMs) return current.snapshot
  if (age > staleMs) {
    const { snapshot } = current
    return read(env).catch(() => snapshot)
  }
  if (now > refreshingUntilMs) {
    refreshingUntilMs = now + freshMs
    waitUntil(read(env).catch(() => undefined))
  }
  return current.snapshot
}

/** An earlier version, for what came in under it; the current one when it is no longer kept. */
export const snapshotAt = async (env: Bindings, version: number): Promise<Snapshot> => {
  const known = earlier.get(version)
  if (known) return known
  const stored = await objectsOf(env).WORKSPACE.getByName('workspace').at(version)
  const snapshot = makeSnapshot(parse(stored))
  if (earlier.size > 20) earlier.clear()
  earlier.set(version, snapshot)
  return snapshot
}

/** Takes a version that this isolate has just written, so that it is obeyed at once. */
export const adoptWorkspace = (stored: StoredWorkspace): Snapshot => remember(stored)
