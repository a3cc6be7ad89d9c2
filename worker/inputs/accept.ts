import { observeBatch } from '../audiences/observations'
import { fnv1a64Hex } from '../base/hash'
import { exactText, isObject, type Json, stringifyJson } from '../base/json'
import type { CheckedBatch, EdgeFacts } from '../batch'
import { objectsOf, requireSecret } from '../config/deployment'
import type { Input } from '../config/input'
import type { Snapshot } from '../config/snapshot'
import { correctBatchClock } from '../dialects/clock'
import type { AliasRequest } from '../dialects/mparticle-web/alias'
import { mpidOf } from '../dialects/mpid'
import { governEdge } from '../dialects/privacy/address'
import {
  type ConsentGate,
  gateOf,
  isAllowed,
  isTold,
  withOptOut,
} from '../dialects/privacy/consent'
import { stripBatch } from '../dialects/privacy/strip'
import { showLive } from '../live/sampling'
import { writePoint } from '../metrics/points'
import { describeBatch, type Upload } from '../profiles/upload'
import { noteSeen } from '../rates/seen'
import { tally } from '../rates/tallying'
import type { Accepting } from './accepting'
import { limitEvents } from './admission'

const randomIds = (): string => {
  const words = crypto.getRandomValues(new Uint32Array(2))
  return [...words].map((word) => word.toString(16).padStart(8, '0')).join('')
}

type Described = Pick<
  Upload,
  | 'environment'
  | 'device'
  | 'profile_changes'
  | 'windows'
  | 'sessions'
  | 'has_audiences'
  | 'observations'
  | 'notifications'
  | 'latest'
>

/** What a profile remembers of a request, to know it again; none: it has no id. */
export const requestMark = (input: Input, requestId: Json | undefined): string | undefined => {
  const id = exactText(requestId)
  const isSet = (typeof id === 'string' && id !== '') || typeof id === 'number'
  return isSet ? fnv1a64Hex(`${input.id} ${id}`) : undefined
}

interface Storable extends Pick<Upload, 'kind' | 'text' | 'request' | 'received_ms'>, Described {
  /** The consent that the profile must know of. */
  gate?: ConsentGate | undefined
  /** How many it holds. */
  events?: number
}

/**
 * Has a profile store an upload.
 *
 * @returns whether it has, or does not want it for lack of consent
 */
export const store = async (
  { env, snapshot, input, edge, waitUntil }: Accepting,
  mpid: string,
  { gate, events = 0, ...body }: Storable
): Promise<boolean> => {
  const upload: Upload = {
    ...body,
    input: input.id,
    version: snapshot.version,
    ids: randomIds(),
    edge: governEdge(input.privacy, edge),
  }
  const profile = objectsOf(env).PROFILE.getByName(mpid)
  const answer = await (gate ? profile.upload(mpid, upload, gate) : profile.upload(mpid, upload))
  if ('stored' in answer) {
    writePoint(env, { kind: 'upload', id: input.id, accepted: events })
    noteSeen({ env, waitUntil, input })
    showLive({ env, waitUntil }, upload, mpid)
  }
  return !('refused' in answer)
}

/** What audiences want to know of a batch. */
export const noteFor = (
  { audiences }: Snapshot,
  checked: CheckedBatch,
  receivedMs: number
): Pick<Upload, 'has_audiences' | 'observations'> =>
  audiences.audiences.length === 0
    ? {}
    : { has_audiences: true, observations: observeBatch(checked, audiences, receivedMs) }

const mpidOfBatch = ({ env }: Accepting, { batch }: CheckedBatch): string | Promise<string> =>
  mpidOf(batch, () => requireSecret(env, 'IDENTITY_KEY'))

/** A batch with what its request tells of it. */
export const withMarks = ({ has_gpc, is_bot }: Accepting, given: CheckedBatch): CheckedBatch => {
  if (!has_gpc && !is_bot) return given
  const { batch } = given
  const consent = has_gpc ? { consent_state: withOptOut(batch.consent_state) } : {}
  return { ...given, batch: { ...batch, ...consent, ...(is_bot ? { is_bot: true } : {}) } }
}

/**
 * Hands a checked batch to its profile; returns once it is stored there, or once nothing of it is
 * to be.
 *
 * @param text the batch as it came, which is stored as it is unless events were left out, the
 *   sender's clock was wrong, or its request tells more of it
 * @throws RequestError 429 when the quota of the input is used up
 * @throws when the profile cannot be reached or cannot store
 */
export const acceptBatch = async (
  accepting: Accepting,
  given: CheckedBatch,
  text: string
): Promise<void> => {
  await limitEvents(accepting, [given.events.length])
  await acceptCounted(accepting, given, text)
}

/** The same for events that were counted against the quota. */
export const acceptCounted = async (
  accepting: Accepting,
  given: CheckedBatch,
  text: string
): Promise<void> => {
  const checked = withMarks(accepting, given)
  const own = checked === given ? text : stringifyJson(checked.batch)
  const gate = gateOf(accepting.input.privacy)
  if (!gate) {
    await storeBatch(accepting, checked, { text: own })
    return
  }
  const { consent_state: state } = checked.batch
  const asked = isTold(state, gate.regulation) ? undefined : gate
  const isBarred = !asked && !isAllowed(gate, state)
  if (isBarred || !(await storeBatch(accepting, checked, { text: own, gate: asked }))) {
    await acceptWithoutConsent(accepting, checked, gate)
  }
}

const storeBatch = async (
  accepting: Accepting,
  given: CheckedBatch,
  { text, gate }: { text: string; gate?: ConsentGate | undefined }
): Promise<boolean> => {
  const { snapshot, input } = accepting
  const received_ms = Date.now()
  const checked = correctBatchClock(given, received_ms)
  const mpid = await mpidOfBatch(accepting, checked)
  const connections = snapshot.connectionsOf(input.id).map((one) => one.settings)
  return store(accepting, mpid, {
    kind: 'batch',
    events: checked.events.length,
    text: checked === given && given.problems.length === 0 ? text : stringifyJson(checked.batch),
    received_ms,
    request: requestMark(input, checked.batch.source_request_id),
    ...describeBatch(checked, connections),
    ...noteFor(snapshot, checked, received_ms),
    ...(checked.notifications?.length
      ? { notifications: stringifyJson(checked.notifications) }
      : {}),
    gate,
  })
}

/** What the edge knows of an upload that is to be nobody's. */
export const bareEdge = ({ channel, is_historical }: EdgeFacts): EdgeFacts => ({
  channel,
  ...(is_historical ? { is_historical } : {}),
})

const acceptWithoutConsent = async (
  accepting: Accepting,
  checked: CheckedBatch,
  { otherwise }: ConsentGate
): Promise<void> => {
  const isStripped = otherwise === 'strip'
  tallyWithout(accepting, otherwise, checked.events.length)
  await learnConsent(accepting, checked)
  if (!isStripped) return
  const bare = stripBatch(checked)
  const nobody = { ...accepting, edge: bareEdge(accepting.edge) }
  await storeBatch(nobody, bare, { text: stringifyJson(bare.batch) })
}

/** Counts events that came without consent. */
export const tallyWithout = (
  accepting: Accepting,
  otherwise: ConsentGate['otherwise'],
  events: number
): void => {
  const name = otherwise === 'strip' ? 'stripped' : 'dropped'
  if (events > 0) tally(accepting, `events_${name}_without_consent`, events)
}

// What somebody said of consent is all that is kept, since later events are judged by it.
const learnConsent = async (accepting: Accepting, checked: CheckedBatch): Promise<void> => {
  const { consent_state } = checked.batch
  if (!isObject(consent_state)) return
  const told: CheckedBatch = { batch: { consent_state }, events: [], problems: [] }
  await store(accepting, await mpidOfBatch(accepting, checked), {
    kind: 'batch',
    text: '',
    received_ms: Date.now(),
    ...describeBatch(told, []),
  })
}

/**
 * Stores an alias request with the profile that the events shall go to. No profiles are merged.
 *
 * @throws RequestError 429 when the quota of the input is used up
 */
export const acceptAlias = async (
  accepting: Accepting,
  request: AliasRequest,
  text: string
): Promise<void> => {
  await limitEvents(accepting, [1])
  const { snapshot, input } = accepting
  const wanting = snapshot
    .connectionsOf(input.id)
    .filter((one) => one.settings.send_alias_requests)
    .map((one) => one.settings)
  const empty = { batch: {}, events: [], problems: [] }
  const gate = gateOf(input.privacy)
  // It says of two users that they are one, which cannot be said of nobody.
  const isOptedOut = accepting.has_gpc === true && gate?.regulation === 'ccpa'
  if (isOptedOut) {
    tallyWithout(accepting, 'drop', 1)
    return
  }
  const isStored = await store(accepting, request.destination, {
    kind: 'alias',
    text,
    received_ms: Date.now(),
    request: requestMark(input, request.id),
    ...describeBatch(empty, wanting),
    environment: request.environment,
    device: request.device,
    gate,
  })
  if (!isStored) tallyWithout(accepting, 'drop', 1)
}
