import type { Registration } from '../../sdk/firehose/registration'
import { uuidFrom } from '../base/hash'
import { problem, RequestError } from '../base/problem'
import { type Bindings, objectsOf } from '../config/deployment'
import type { StoredWorkspace } from '../config/snapshot'
import type { Connection } from '../config/workspace-file'
import { dsrRequest } from '../connections/firehose/dsr-request'
import { type Delivery, queueLane } from '../delivery'

export type Regulation = 'unknown' | 'gdpr' | 'ccpa'

/** A request that waits in the outbox of a connection. */
export interface MadeRequest {
  output: string
  connection: string
  subject_request_id: string
}

export interface RequestsMade {
  requests: MadeRequest[]
  /** Outputs that take such requests and get none. */
  skipped: { output: string; reason: string }[]
}

interface AskedErasure {
  /** Of the users, by canonical type; those given first. */
  identities: Record<string, string>[]
  regulation: Regulation
  submitted_ms: number
  request_id: string
}

/** A request to one output: its deliveries are of one connection, and have the same receiver. */
interface Addressed {
  output: string
  connection: string
  deliveries: Delivery[]
}

// The profile of nobody: what is erased later leaves it waiting.
const nobody = '0'

/**
 * Joins what is known of one user, as far as it agrees: a request holds one identity of each type,
 * so that users who differ in one are told apart.
 */
export const joinIdentities = (all: Record<string, string>[]): Record<string, string>[] => {
  const joined: Record<string, string>[] = []
  for (const identities of all) {
    const types = Object.keys(identities)
    if (types.length === 0) continue
    const same = joined.find((other) =>
      types.every((type) => !Object.hasOwn(other, type) || other[type] === identities[type])
    )
    if (same) Object.assign(same, identities)
    else joined.push({ ...identities })
  }
  return joined
}

const takesErasures = ({ dsr_processing_registration: registered }: Registration): boolean =>
  registered?.supported_dsr_types?.includes('erasure') ?? false

// One that delivers; and an input's, which is there as long as events are sent at all.
const rank = ({ enabled, audiences }: Connection): number =>
  (enabled ? 0 : 2) + (audiences === undefined ? 0 : 1)

const connectionTo = (connections: Connection[], output: string): Connection | undefined =>
  connections
    .filter((one) => one.output === output)
    .reduce<Connection | undefined>(
      (best, one) => (best && rank(best) <= rank(one) ? best : one),
      undefined
    )

const makeDeliveries = (
  output: string,
  registration: Registration,
  { identities, regulation, submitted_ms, request_id }: AskedErasure
): Delivery[] =>
  joinIdentities(identities).flatMap((one, i) => {
    const id = uuidFrom(`${request_id} ${output} ${i}`)
    const facts = { registration, identities: one, submitted_ms, regulation }
    const request = dsrRequest({ ...facts, subject_request_id: id })
    return request ? [{ id, mpid: nobody, events: 0, lane: queueLane, text: request.text }] : []
  })

const enqueue = async (
  env: Bindings,
  { connection, deliveries, output }: Addressed,
  { version, id }: { version: number; id: string }
): Promise<void> => {
  const name = `${connection}/0`
  const handOff = { id, version, since_ms: Date.now(), accepted: 0, filtered: {}, deliveries }
  const answer = await objectsOf(env).OUTBOX.getByName(name).enqueue(name, handOff)
  if (answer.taken) return
  const message = `The outbox of ${connection} does not take the request (${answer.reason}). Repeat the erasure.`
  throw new RequestError(503, [problem('not_taken', `outputs.${output}`, message)])
}

/**
 * Requests an erasure of the integrations that registered for such requests, each once: by the first
 * of the connections to its output. Returns when the requests are stored.
 *
 * @throws RequestError 503 when an outbox does not take one
 */
export const requestErasures = async (
  env: Bindings,
  { version, file }: StoredWorkspace,
  asked: AskedErasure
): Promise<RequestsMade> => {
  const addressed: Addressed[] = []
  const skipped: RequestsMade['skipped'] = []
  for (const one of file.outputs) {
    const output = one.id
    if (!one.registration || !takesErasures(one.registration)) continue
    const deliveries = makeDeliveries(output, one.registration, asked)
    const connection = connectionTo(file.connections, output)
    if (!connection) skipped.push({ output, reason: 'No connection leads to it.' })
    else if (deliveries.length > 0)
      addressed.push({ output, connection: connection.id, deliveries })
    else skipped.push({ output, reason: 'It may know none of the identities that are known.' })
  }
  await Promise.all(
    addressed.map((one) => {
      const id = uuidFrom(`${asked.request_id} ${one.output}`)
      return enqueue(env, one, { version, id: `dsr-${id}` })
    })
  )
  const requests = addressed.flatMap(({ output, connection, deliveries }) =>
    deliveries.map(({ id }) => ({ output, connection, subject_request_id: id }))
  )
  return { requests, skipped }
}
