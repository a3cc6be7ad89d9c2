import type { Bindings } from '../../config/deployment'
import type { Connection } from '../../config/workspace-file'
import { outboxesOf } from '../../outbox/shards'
import type { OutboxStatus } from '../../outbox/status'
import { addLedgers, type Ledger } from '../../outbox/store/ledger'
import {
  type ConnectionStatus,
  connectionStates,
  type ExistingUsersStatus,
} from '../answers/connections'
import type { WholeWalk } from '../workspace/audience-walk'

const worse = <T extends (typeof connectionStates)[number]>(a: T, b: T): T =>
  connectionStates.indexOf(a) < connectionStates.indexOf(b) ? b : a

const earliest = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.min(a, b)

const merge = (a: OutboxStatus, b: OutboxStatus): OutboxStatus => ({
  state: worse(a.state, b.state),
  last_error: newest(a.last_error, b.last_error),
  next_attempt_ms: earliest(a.next_attempt_ms, b.next_attempt_ms),
  waiting: {
    deliveries: a.waiting.deliveries + b.waiting.deliveries,
    events: a.waiting.events + b.waiting.events,
    bytes: a.waiting.bytes + b.waiting.bytes,
    oldest_ms: earliest(a.waiting.oldest_ms, b.waiting.oldest_ms),
  },
  delivered: {
    deliveries: a.delivered.deliveries + b.delivered.deliveries,
    requests: a.delivered.requests + b.delivered.requests,
  },
  dead_letters: {
    letters: a.dead_letters.letters + b.dead_letters.letters,
    deliveries: a.dead_letters.deliveries + b.dead_letters.deliveries,
    events: a.dead_letters.events + b.dead_letters.events,
    oldest_ms: earliest(a.dead_letters.oldest_ms, b.dead_letters.oldest_ms),
  },
  ledger: addLedgers(a.ledger, b.ledger),
})

const newest = (a: OutboxStatus['last_error'], b: OutboxStatus['last_error']) =>
  (a?.at_ms ?? 0) < (b?.at_ms ?? 0) ? b : a

const noLedger: Ledger = { accepted: 0, delivered: 0, filtered: {}, dead: 0, waiting: 0 }
const noStatus: OutboxStatus = {
  state: 'ok',
  last_error: null,
  next_attempt_ms: null,
  waiting: { deliveries: 0, events: 0, bytes: 0, oldest_ms: null },
  delivered: { deliveries: 0, requests: 0 },
  dead_letters: { letters: 0, deliveries: 0, events: 0, oldest_ms: null },
  ledger: noLedger,
}

const existingUsers = (
  { settings }: Connection,
  { walking, profiles_done, profiles }: WholeWalk
): ExistingUsersStatus => {
  const wanted = settings.existing_users === true
  return { wanted, state: walking ? 'walking' : 'done', profiles_done, profiles }
}

/** @param walk needed for connections that are fed by audiences */
export const connectionStatus = async (
  env: Bindings,
  connection: Connection,
  walk?: WholeWalk
): Promise<ConnectionStatus> => {
  const all = await Promise.all(outboxesOf(env, connection).map((outbox) => outbox.status()))
  const merged = all.reduce(merge, noStatus)
  const state = connection.enabled ? merged.state : 'paused'
  const { id, shards, audiences } = connection
  const existing = audiences && walk ? { existing_users: existingUsers(connection, walk) } : {}
  return { id, shards, ...merged, state, ...existing }
}
