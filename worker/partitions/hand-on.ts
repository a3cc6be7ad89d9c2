import { audienceSource } from '../audiences/rule'
import { fnv1a64 } from '../base/hash'
import { failure, log } from '../base/log'
import { type Bindings, objectsOf } from '../config/deployment'
import { isOfAudiences, type LiveConnection, type Snapshot, snapshotAt } from '../config/snapshot'
import type { EnqueueAnswer, HandOff } from '../delivery'
import type { ProfileState } from '../profiles/attributes'
import type { Head, Window } from '../profiles/batching'
import { directoryShard } from './directory/shards'
import { type ConnectionAt, makeHandOff, type ParsedEntry } from './hand-off'
import { changesOf, makeTriggerHandOff } from './trigger-hand-off'

/** One pass over the due windows of a profile. */
export interface Round {
  env: Bindings
  head: Head
  state: ProfileState
  snapshot: Snapshot
  parsed: ParsedEntry[]
  /** Connections that must not be tried yet, and until when, ms. */
  blocked: Map<string, number>
}

const noAnswer = 'no answer'
const enqueueTimeoutMs = 30_000

/**
 * Hands closed windows to the outboxes of their connections, each connection by itself. What was
 * taken leaves a window's `todo`.
 *
 * @returns how many connections answered, of each window, that they do not take it
 */
export const handOnWindows = async (
  round: Round,
  windows: Window[]
): Promise<Map<Window, number>> => {
  const byConnection = new Map<string, Window[]>()
  for (const window of windows) {
    window.todo ??= recipients(round.snapshot, window)
    for (const id of window.todo) {
      if (!round.blocked.has(id)) byConnection.set(id, [...(byConnection.get(id) ?? []), window])
    }
  }
  const refused = await Promise.all(
    [...byConnection].map(([id, own]) => handToConnection(round, id, own))
  )
  const refusals = new Map<Window, number>()
  for (const window of refused) {
    if (window) refusals.set(window, (refusals.get(window) ?? 0) + 1)
  }
  return refusals
}

// Beside connections: it counts the members of audiences.
const directory = '@directory'

const recipients = (snapshot: Snapshot, { input }: Window): string[] => {
  const connections = [...snapshot.connections.values()].filter((one) => one.input === input)
  const ids = connections.map((one) => one.id)
  return input === audienceSource ? [...ids, directory] : ids
}

/**
 * Hands one connection its windows, oldest first, and stops at the first that is not taken, so that
 * the order holds.
 *
 * @returns the window that it answered not to take
 */
const handToConnection = async (
  round: Round,
  id: string,
  windows: Window[]
): Promise<Window | undefined> => {
  for (const window of windows) {
    const answer = await tryHandOff(round, id, window)
    if (!answer.taken) return answer.reason === noAnswer ? undefined : window
    window.todo = window.todo?.filter((other) => other !== id) ?? []
  }
  return undefined
}

const tryHandOff = async (round: Round, id: string, window: Window): Promise<EnqueueAnswer> => {
  const { env, head, snapshot } = round
  if (id === directory) return tellDirectory(round, window)
  const live = snapshot.connections.get(id)
  // Only one that is gone takes nothing more: what came in for one that was switched off since
  // waits in its outbox.
  if (!live) return { taken: true }
  try {
    const handOff = await makeFor(round, live, window)
    if (!handOff) return { taken: true }
    window.shards = { [id]: live.shards, ...window.shards }
    const shard = fnv1a64(head.mpid)[1] % (window.shards[id] ?? 1)
    return await enqueue(env, `${id}/${shard}`, handOff)
  } catch (error) {
    const fields = { connection: id, ...failure(error) }
    log('warn', 'An outbox did not answer and will be asked again.', fields)
    return { taken: false, reason: noAnswer }
  }
}

const tellDirectory = async (
  { env, head, parsed }: Round,
  window: Window
): Promise<EnqueueAnswer> => {
  try {
    const entries = parsed.map(({ entry }) => entry)
    const shard = objectsOf(env).DIRECTORY.getByName(directoryShard(head.mpid))
    await shard.note(head.mpid, changesOf(window, entries))
    return { taken: true }
  } catch (error) {
    log('warn', 'The directory could not count members and will be told again.', failure(error))
    return { taken: false, reason: noAnswer }
  }
}

const enqueue = async (env: Bindings, name: string, handOff: HandOff): Promise<EnqueueAnswer> => {
  const outbox = objectsOf(env).OUTBOX.getByName(name)
  const answered = new AbortController()
  const late = scheduler.wait(enqueueTimeoutMs, { signal: answered.signal }).then(
    () => Promise.reject(new Error('The outbox took longer than 30 s.')),
    // Only the race's other side aborts it, and then nobody looks here.
    () => new Promise<never>(() => {})
  )
  try {
    return await Promise.race([outbox.enqueue(name, handOff), late])
  } finally {
    answered.abort()
  }
}

const kindOf = ({ outputs }: Snapshot, { output }: LiveConnection) => outputs.get(output)?.kind

// Events are governed by the settings of the moment they came in.
const connectionsAt = async (
  { env, snapshot, parsed }: Round,
  id: string
): Promise<
  (version: number) => { workspace: Snapshot; connection: LiveConnection } | undefined
> => {
  const byVersion = new Map<number, { workspace: Snapshot; connection: LiveConnection }>()
  const live = snapshot.connections.get(id)
  for (const version of new Set(parsed.map(({ entry }) => entry.version))) {
    const then = version === snapshot.version ? snapshot : await snapshotAt(env, version)
    const connection = then.connections.get(id)
    if (!connection?.enabled) continue
    // What was meant for another kind of output would not fit the outbox of the one there is now.
    const isSameKind = live && kindOf(then, connection) === kindOf(snapshot, live)
    if (live)
      byVersion.set(
        version,
        isSameKind ? { workspace: then, connection } : { workspace: snapshot, connection: live }
      )
  }
  return (version) => byVersion.get(version)
}

const makeFor = async (
  round: Round,
  live: LiveConnection,
  window: Window
): Promise<HandOff | undefined> => {
  const { head, state, parsed, snapshot } = round
  const { version } = snapshot
  const connectionAt = await connectionsAt(round, live.id)
  if (isOfAudiences(live)) {
    const at = (then: number) => {
      const found = connectionAt(then)?.connection
      return found && isOfAudiences(found) ? found : undefined
    }
    const entries = parsed.map(({ entry }) => entry)
    return makeTriggerHandOff({ head, window, entries, version, at })
  }
  const at = (then: number): ConnectionAt | undefined => {
    const found = connectionAt(then)
    if (!found || isOfAudiences(found.connection)) return undefined
    const { input, settings, firehose } = found.connection
    return { settings, app_name: found.workspace.inputById.get(input)?.app_name, firehose }
  }
  return makeHandOff({ head, window, state, entries: parsed, version, at })
}
