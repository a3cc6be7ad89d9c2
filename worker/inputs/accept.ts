import { noteBatch } from '../audiences/noted'
import type { CheckedBatch, EdgeFacts } from '../batch'
import { type Bindings, objectsOf, requireSecret } from '../config/deployment'
import type { Input } from '../config/input'
import type { Snapshot } from '../config/snapshot'
import { fnv1a64Hex } from '../hash'
import { exactText, type Json, stringifyJson } from '../json'
import { describeBatch, type Upload } from '../profiles/upload'
import type { AliasRequest } from './alias'
import { correctBatchClock } from './clock'
import { mpidOf } from './mpid'

const randomIds = (): string => {
  const words = crypto.getRandomValues(new Uint32Array(2))
  return [...words].map((word) => word.toString(16).padStart(8, '0')).join('')
}

export interface Accepting {
  env: Bindings
  snapshot: Snapshot
  input: Input
  edge: EdgeFacts
}

type Described = Pick<
  Upload,
  'environment' | 'device' | 'about' | 'windows' | 'sessions' | 'has_audiences' | 'noted'
>

const requestMark = (input: Input, requestId: Json | undefined): string | undefined => {
  const id = exactText(requestId)
  const isSet = (typeof id === 'string' && id !== '') || typeof id === 'number'
  return isSet ? fnv1a64Hex(`${input.id} ${id}`) : undefined
}

/** Has a profile store an upload; returns once it has. */
export const store = async (
  { env, snapshot, input, edge }: Accepting,
  mpid: string,
  body: Pick<Upload, 'kind' | 'text' | 'request' | 'received_ms'> & Described
): Promise<void> => {
  const upload: Upload = {
    ...body,
    input: input.id,
    version: snapshot.version,
    ids: randomIds(),
    edge,
  }
  await objectsOf(env).PROFILE.getByName(mpid).upload(mpid, upload)
}

/** What audiences want to know of a batch. */
export const noteFor = (
  { audiences }: Snapshot,
  checked: CheckedBatch,
  receivedMs: number
): Pick<Upload, 'has_audiences' | 'noted'> =>
  audiences.audiences.length === 0
    ? {}
    : { has_audiences: true, noted: noteBatch(checked, audiences, receivedMs) }

/**
 * Hands a checked batch to its profile; returns once it is stored there.
 *
 * @param text the batch as it came, which is stored as it is unless events were left out or the
 *   sender's clock was wrong
 * @throws when the profile cannot be reached or cannot store
 */
export const acceptBatch = async (
  accepting: Accepting,
  given: CheckedBatch,
  text: string
): Promise<void> => {
  const { env, snapshot, input } = accepting
  const received_ms = Date.now()
  const checked = correctBatchClock(given, received_ms)
  const mpid = await mpidOf(checked.batch, () => requireSecret(env, 'IDENTITY_KEY'))
  const connections = snapshot.connectionsOf(input.id).map((one) => one.settings)
  await store(accepting, mpid, {
    kind: 'batch',
    text: checked === given && given.problems.length === 0 ? text : stringifyJson(checked.batch),
    received_ms,
    request: requestMark(input, checked.batch.source_request_id),
    ...describeBatch(checked, connections),
    ...noteFor(snapshot, checked, received_ms),
  })
}

/** Stores an alias request with the profile that the events shall go to. No profiles are merged. */
export const acceptAlias = (
  accepting: Accepting,
  request: AliasRequest,
  text: string
): Promise<void> => {
  const { snapshot, input } = accepting
  const wanting = snapshot
    .connectionsOf(input.id)
    .filter((one) => one.settings.send_alias_requests)
    .map((one) => one.settings)
  const empty = { batch: {}, events: [], problems: [] }
  return store(accepting, request.destination, {
    kind: 'alias',
    text,
    received_ms: Date.now(),
    request: requestMark(input, request.id),
    ...describeBatch(empty, wanting),
    environment: request.environment,
    device: request.device,
  })
}
