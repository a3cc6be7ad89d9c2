import { audiencesVerification, eventsVerification } from '../../connections/firehose/requests'
import type { Outcome } from '../../delivery'
import { exchange } from './exchange/exchange'
import type { Integration } from './integration'

/** Asks an integration whether it is well, by a request without data. */
export const verifyIntegration = async (integration: Integration): Promise<Outcome> => {
  const sort = integration.isOfAudiences ? 'audiences' : 'events'
  const write = integration.isOfAudiences ? audiencesVerification : eventsVerification
  const text = write(crypto.randomUUID(), Date.now())
  return (await exchange(integration, sort, text)).outcome
}
