import { mapRequest, writeRequest } from '../../dialects/mobile-analytics/stored'
import {
  type ConsentGate,
  gateOf,
  isAllowed,
  mentionsRegulation,
} from '../../dialects/privacy/consent'
import { type MobileUpload, redactMobile, stripMobile } from '../../dialects/privacy/mobile'
import { describeBatch } from '../../profiles/upload'
import { anonymousRequest, countWithoutConsent, withRequestFacts } from '../upload/consent'
import { limitEvents } from '../upload/limits'
import { redactionRules } from '../upload/read-body'
import type { InputRequest } from '../upload/request'
import { mpidOfBatch, observationsFor, storeUpload } from '../upload/store'

/**
 * Stores a PutEvents request, as `acceptBatch` does a batch: returns once it is committed, or once
 * it is clear that it lacks consent and is dropped.
 *
 * @throws RequestError 429 when the quota of the input is used up
 */
export const acceptMobile = async (request: InputRequest, decoded: MobileUpload): Promise<void> => {
  const { env, input, is_bot } = request
  const count = decoded.request.events.length
  await limitEvents(request, [count])
  const rules = redactionRules(env, input)
  const redacted = rules ? redactMobile(decoded, rules) : decoded
  const upload: MobileUpload = is_bot
    ? { ...redacted, request: { ...redacted.request, is_bot: true } }
    : redacted
  const gate = gateOf(input.privacy)
  if (await storeMobile(request, upload, gate)) return
  const otherwise = gate?.otherwise ?? 'drop'
  countWithoutConsent(request, otherwise, count)
  if (otherwise === 'drop') return
  await storeMobile(anonymousRequest(request), stripMobile(upload), undefined)
}

// PutEvents states no consent: the profile's applies, unless the browser sends Global Privacy
// Control.
const storeMobile = async (
  request: InputRequest,
  upload: MobileUpload,
  gate: ConsentGate | undefined
): Promise<boolean> => {
  const { env, snapshot, input } = request
  const { batch, events } = mapRequest(upload.request)
  const checked = withRequestFacts(request, { batch, events, problems: [] })
  const { consent_state: state } = checked.batch
  const hasOwnState = gate !== undefined && mentionsRegulation(state, gate.regulation)
  if (hasOwnState && !isAllowed(gate, state)) return false
  const settings = snapshot.connectionsOf(input.id).map((connection) => connection.settings)
  const mpid = await mpidOfBatch(env, batch)
  const received_ms = Date.now()
  return storeUpload(request, mpid, {
    kind: 'mobile_analytics',
    events: events.length,
    text: writeRequest(upload.request, upload.body),
    received_ms,
    ...describeBatch(checked, settings),
    ...observationsFor(snapshot, checked, received_ms),
    gate: hasOwnState ? undefined : gate,
  })
}
