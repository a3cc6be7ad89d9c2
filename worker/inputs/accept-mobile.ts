import { requireSecret } from '../config/deployment'
import { mapRequest, writeRequest } from '../dialects/mobile-analytics/stored'
import { mpidOf } from '../dialects/mpid'
import { type ConsentGate, gateOf, isAllowed, isTold } from '../dialects/privacy/consent'
import { governMobile, type MobileUpload, stripMobile } from '../dialects/privacy/mobile'
import { fieldRulesOf } from '../dialects/privacy/rules'
import { describeBatch } from '../profiles/upload'
import { bareEdge, noteFor, store, tallyWithout, withMarks } from './accept'
import type { Accepting } from './accepting'
import { limitEvents } from './admission'

/**
 * Hands a PutEvents request to its profile; returns once it is stored there, or once nothing of it
 * is to be.
 *
 * @throws RequestError 429 when the quota of the input is used up
 */
export const acceptMobile = async (accepting: Accepting, given: MobileUpload): Promise<void> => {
  const { env, input, is_bot } = accepting
  await limitEvents(accepting, [given.request.events.length])
  const rules = fieldRulesOf(input.privacy, () => requireSecret(env, 'IDENTITY_KEY'))
  const { request, body } = rules ? governMobile(given, rules) : given
  const upload = { request: is_bot ? { ...request, is_bot: true as const } : request, body }
  const gate = gateOf(input.privacy)
  if (await storeMobile(accepting, upload, gate)) return
  const otherwise = gate?.otherwise ?? 'drop'
  tallyWithout(accepting, otherwise, given.request.events.length)
  if (otherwise === 'drop') return
  const nobody = { ...accepting, edge: bareEdge(accepting.edge) }
  await storeMobile(nobody, stripMobile(upload), undefined)
}

// The dialect knows no consents: theirs is what the profile knows, or the browser says.
const storeMobile = async (
  accepting: Accepting,
  { request, body }: MobileUpload,
  gate: ConsentGate | undefined
): Promise<boolean> => {
  const { env, snapshot, input } = accepting
  const { batch, events } = mapRequest(request)
  const checked = withMarks(accepting, { batch, events, problems: [] })
  const { consent_state: state } = checked.batch
  const isOwn = gate !== undefined && isTold(state, gate.regulation)
  if (isOwn && !isAllowed(gate, state)) return false
  const mpid = await mpidOf(batch, () => requireSecret(env, 'IDENTITY_KEY'))
  const connections = snapshot.connectionsOf(input.id).map((one) => one.settings)
  const received_ms = Date.now()
  return store(accepting, mpid, {
    kind: 'mobile_analytics',
    events: events.length,
    text: writeRequest(request, body),
    received_ms,
    ...describeBatch(checked, connections),
    ...noteFor(snapshot, checked, received_ms),
    gate: isOwn ? undefined : gate,
  })
}
