import { type Bindings, objectsOf } from '../config/deployment'
import { type Snapshot, snapshotAt } from '../config/snapshot'
import type { EnqueueAnswer, HandOff } from '../delivery'
import { fnv1a64 } from '../hash'
import { failure, log } from '../log'
import type { ProfileState } from './attributes'
import type { Head, Window } from './batching'
import { type ConnectionAt, makeHandOff, type ParsedEntry } from './hand-off'

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
    window.todo ??= [...round.snapshot.connections.values()]
      .filter((one) => one.input === window.input)
      .map((one) => one.id)
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
  const { env, head, state, snapshot, parsed } = round
  const live = snapshot.connections.get(id)
  // Only one that is gone takes nothing more: what came in for one that was switched off since
  // waits in its outbox.
  if (!live) return { taken: true }
  try {
    const { version } = snapshot
    const at = await settingsAt(round, id)
    const handOff = makeHandOff({ head, window, state, entries: parsed, version, at })
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

// Events are governed by the settings of the moment they came in.
const settingsAt = async (
  { env, snapshot, parsed }: Round,
  id: string
): Promise<(version: number) => ConnectionAt | undefined> => {
  const byVersion = new Map<number, ConnectionAt | undefined>()
  for (const version of new Set(parsed.map(({ entry }) => entry.version))) {
    const then = version === snapshot.version ? snapshot : await snapshotAt(env, version)
    const connection = then.connections.get(id)
    if (!connection?.enabled) continue
    const app_name = then.inputById.get(connection.input)?.app_name
    byVersion.set(version, { settings: connection.settings, app_name })
  }
  return (version) => byVersion.get(version)
}
