import { isObject, stringifyJson } from '../../base/json'
import type { CheckedBatch, EdgeFacts } from '../../batch'
import type { DecodedBatch } from '../../dialects/batch-body'
import {
  type ConsentGate,
  gateOf,
  isAllowed,
  mentionsRegulation,
  withOptOut,
} from '../../dialects/privacy/consent'
import { stripBatch } from '../../dialects/privacy/strip'
import { describeBatch } from '../../profiles/upload'
import { tally } from '../../rates/tallying'
import type { InputRequest } from './request'
import { mpidOfBatch, storeUpload } from './store'
import { storeBatch } from './store-batch'

/**
 * A batch with the facts of its request: an opt-out by Global Privacy Control, and the robot flag.
 */
export const withRequestFacts = (
  { has_gpc, is_bot }: InputRequest,
  checked: CheckedBatch
): CheckedBatch => {
  if (!has_gpc && !is_bot) return checked
  const { batch } = checked
  const consent = has_gpc ? { consent_state: withOptOut(batch.consent_state) } : {}
  return { ...checked, batch: { ...batch, ...consent, ...(is_bot ? { is_bot: true } : {}) } }
}

/** The request of an anonymous batch: the edge facts without address, user agent and location. */
export const anonymousRequest = (request: InputRequest): InputRequest => {
  const { channel, is_historical } = request.edge
  const edge: EdgeFacts = { channel, ...(is_historical ? { is_historical } : {}) }
  return { ...request, edge }
}

/** Counts events that were dropped or stored anonymously for lack of consent. */
export const countWithoutConsent = (
  request: InputRequest,
  otherwise: ConsentGate['otherwise'],
  events: number
): void => {
  const name = otherwise === 'strip' ? 'stripped' : 'dropped'
  if (events > 0) tally(request, `events_${name}_without_consent`, events)
}

// Only the consent state is stored, without events: later batches are judged by it.
const storeConsentState = async (request: InputRequest, checked: CheckedBatch): Promise<void> => {
  const { consent_state } = checked.batch
  if (!isObject(consent_state)) return
  await storeUpload(request, await mpidOfBatch(request.env, checked.batch), {
    kind: 'batch',
    text: '',
    received_ms: Date.now(),
    ...describeBatch({ batch: { consent_state }, events: [], problems: [] }, []),
  })
}

const storeWithoutConsent = async (
  request: InputRequest,
  checked: CheckedBatch,
  { otherwise }: ConsentGate
): Promise<void> => {
  countWithoutConsent(request, otherwise, checked.events.length)
  await storeConsentState(request, checked)
  if (otherwise === 'drop') return
  const stripped = stripBatch(checked)
  const text = stringifyJson(stripped.batch)
  await storeBatch(anonymousRequest(request), { checked: stripped, text })
}

/**
 * Stores a batch if its user consented as the input demands; else drops it or stores it
 * anonymously, as the input says. A batch that does not state its consent is judged by the consent
 * that the profile has.
 */
export const storeWithConsent = async (
  request: InputRequest,
  decoded: DecodedBatch
): Promise<void> => {
  const checked = withRequestFacts(request, decoded.checked)
  const text = checked === decoded.checked ? decoded.text : stringifyJson(checked.batch)
  const gate = gateOf(request.input.privacy)
  if (!gate) {
    await storeBatch(request, { checked, text })
    return
  }
  const { consent_state: state } = checked.batch
  const hasOwnState = mentionsRegulation(state, gate.regulation)
  const isStored = hasOwnState
    ? isAllowed(gate, state) && (await storeBatch(request, { checked, text }))
    : await storeBatch(request, { checked, text, gate })
  if (!isStored) await storeWithoutConsent(request, checked, gate)
}
