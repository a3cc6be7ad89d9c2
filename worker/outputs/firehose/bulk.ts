import type { Registration } from '../../../sdk/firehose/registration'

// Of the platform, for an integration that registers none.
const defaultMessages = 2000
const defaultMinutes = 720

/** When an integration wants membership changes: as soon as there are so many, or after so long. */
export const bulkOf = (registration: Registration): { messages: number; minutes: number } => {
  const { bulk_configuration: bulk } = registration.audience_processing_registration ?? {}
  return {
    messages: Math.max(1, bulk?.bulk_forward_wait_for_messages ?? defaultMessages),
    minutes: Math.max(0, bulk?.bulk_forward_wait_in_minutes ?? defaultMinutes),
  }
}
