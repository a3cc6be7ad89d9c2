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
  /** Outputs that support such requests and get none. */
  skipped: { output: string; reason: string }[]
}

interface ErasureRequest {
  /** Of the users, by canonical type; those of the subject first. */
  identities: Record<string, string>[]
  regulation: Regulation
  submitted_ms: number
  request_id: string
}

/** The requests to one output, with the connection in whose outbox they wait. */
interface OutputRequests {
  output: string
  connection: string
  deliveries: Delivery[]
}

// The mpid of no user, so that no other erasure deletes the waiting request.
const noMpid = '0'

/**
 * Merges sets of identities that do not contradict each other: a request holds one identity of each
 * type.
 */
export const joinIdentities = (sets: Record<string, string>[]): Record<string, string>[] => {
  const merged: Record<string, string>[] = []
  for (const identities of sets) {
    const types = Object.keys(identities)
    if (types.length === 0) continue
    const compatible = merged.find((other) =>
      types.every((type) => !Object.hasOwn(other, type) || other[type] === identities[type])
    )
    if (compatible) Object.assign(compatible, identities)
    else merged.push({ ...identities })
  }
  return merged
}

const supportsErasures = ({ dsr_processing_registration: registered }: Registration): boolean =>
  registered?.supported_dsr_types?.includes('erasure') ?? false

// Enabled connections first, and those of inputs before those of audiences, which are deleted
// sooner.
const rank = ({ enabled, audiences }: Connection): number =>
  (enabled ? 0 : 2) + (audiences === undefined ? 0 : 1)

const connectionTo = (connections: Connection[], output: string): Connection | undefined =>
  connections
    .filter((connection) => connection.output === output)
    .reduce<Connection | undefined>(
      (best, connection) => (best && rank(best) <= rank(connection) ? best : connection),
      undefined
    )

const makeDeliveries = (
  output: string,
  registration: Registration,
  { identities: sets, regulation, submitted_ms, request_id }: ErasureRequest
): Delivery[] =>
  joinIdentities(sets).flatMap((identities, i) => {
    const id = uuidFrom(`${request_id} ${output} ${i}`)
    const facts = { registration, identities, submitted_ms, regulation }
    const request = dsrRequest({ ...facts, subject_request_id: id })
    return request ? [{ id, mpid: noMpid, events: 0, lane: queueLane, text: request.text }] : []
  })

const enqueue = async (
  env: Bindings,
  { connection, deliveries, output }: OutputRequests,
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
 * Enqueues an erasure request for each integration that registered for them, in the outbox of one
 * connection to its output. Returns when the requests are stored.
 *
 * @throws RequestError 503 when an outbox refuses one
 */
export const requestErasures = async (
  env: Bindings,
  { version, file }: StoredWorkspace,
  request: ErasureRequest
): Promise<RequestsMade> => {
  const addressed: OutputRequests[] = []
  const skipped: RequestsMade['skipped'] = []
  for (const { id: output, registration } of file.outputs) {
    if (!registration || !supportsErasures(registration)) continue
    const deliveries = makeDeliveries(output, registration, request)
    const connection = connectionTo(file.connections, output)
    if (!connection) skipped.push({ output, reason: 'No connection leads to it.' })
    else if (deliveries.length > 0)
      addressed.push({ output, connection: connection.id, deliveries })
    else skipped.push({ output, reason: 'It may know none of the identities that are known.' })
  }
  await Promise.all(
    addressed.map((requests) => {
      const id = uuidFrom(`${request.request_id} ${requests.output}`)
      return enqueue(env, requests, { version, id: `dsr-${id}` })
    })
  )
  const requests = addressed.flatMap(({ output, connection, deliveries }) =>
    deliveries.map(({ id }) => ({ output, connection, subject_request_id: id }))
  )
  return { requests, skipped }
}
