import type { Registration } from '../../../sdk/firehose/registration'
import { readStoredSettings, settings } from '../../settings'
import type { ConnectionFacts } from '../kind'
import type { WaitingLane } from '../target'
import type { Bulk } from './integration'
import { firehoseConnection } from './settings'

// mParticle's defaults, for an integration that registers none.
const defaultMessages = 2000
const defaultMinutes = 720

export const bulkOf = (registration: Registration): Bulk => {
  const { bulk_configuration: bulk } = registration.audience_processing_registration ?? {}
  return {
    messages: Math.max(1, bulk?.bulk_forward_wait_for_messages ?? defaultMessages),
    minutes: Math.max(0, bulk?.bulk_forward_wait_in_minutes ?? defaultMinutes),
  }
}

export const parallelRequests = 5
// Messages that come in within this time share rows and alarms.
const gatherMs = 1000

/** When an integration's next messages are sent, ms; 0: now. */
export const requestDueMs = (
  { deliveries, opened_ms }: WaitingLane,
  { isOfAudiences, registration }: ConnectionFacts
): number => {
  if (!isOfAudiences || !registration) {
    return deliveries >= parallelRequests ? 0 : opened_ms + gatherMs
  }
  const { messages, minutes } = bulkOf(registration)
  return deliveries >= messages ? 0 : opened_ms + minutes * 60_000
}

const verification = settings({ verification_hours: firehoseConnection.verification_hours })

/** When an integration is to be asked next whether it is well, ms; undefined: never. */
export const verificationDueMs = (verifiedMs: number, stored: unknown): number | undefined => {
  const { verification_hours } = readStoredSettings(verification, stored)
  return verification_hours === 0 ? undefined : verifiedMs + verification_hours * 3_600_000
}
