import type { AliasRequest } from '../../dialects/mparticle-web/alias'
import { gateOf } from '../../dialects/privacy/consent'
import { describeBatch } from '../../profiles/upload'
import { countWithoutConsent } from './consent'
import { limitEvents } from './limits'
import type { InputRequest } from './request'
import { requestHash, storeUpload } from './store'

/**
 * Stores an alias request with its destination profile, from which it is forwarded. No profiles are
 * merged.
 *
 * @throws RequestError 429 when the quota of the input is used up
 */
export const acceptAlias = async (
  request: InputRequest,
  { alias, text }: { alias: AliasRequest; text: string }
): Promise<void> => {
  await limitEvents(request, [1])
  const { snapshot, input, has_gpc } = request
  const gate = gateOf(input.privacy)
  // It links two users, so unlike events it cannot be stored without identities instead.
  if (has_gpc && gate?.regulation === 'ccpa') {
    countWithoutConsent(request, 'drop', 1)
    return
  }
  const settings = snapshot
    .connectionsOf(input.id)
    .map((connection) => connection.settings)
    .filter(({ send_alias_requests }) => send_alias_requests)
  const isStored = await storeUpload(request, alias.destination, {
    kind: 'alias',
    text,
    received_ms: Date.now(),
    request: requestHash(input, alias.id),
    ...describeBatch({ batch: {}, events: [], problems: [] }, settings),
    environment: alias.environment,
    device: alias.device,
    gate,
  })
  if (!isStored) countWithoutConsent(request, 'drop', 1)
}
