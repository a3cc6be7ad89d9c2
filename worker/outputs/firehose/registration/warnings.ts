import type { Registration } from '../../../../sdk/firehose/registration'
import { dsrCapable } from './problems'

const longestDescription = 229

const canErase = ({ permissions = {} }: Registration): boolean => {
  const { device_identities = [], user_identities = [] } = permissions
  return [...device_identities, ...user_identities].some(
    ({ type, encoding }) => encoding === 'raw' && dsrCapable.has(type)
  )
}

/** What is unusual about a registration, but harmless. */
export const registrationWarnings = (registration: Registration): string[] => {
  const {
    description = '',
    event_processing_registration: events,
    audience_processing_registration: audiences,
    dsr_processing_registration: dsr,
  } = registration
  const warnings: string[] = []
  if (description.length > longestDescription) {
    warnings.push(`description has more than ${longestDescription} characters.`)
  }
  if (events && !events.supported_event_types) {
    warnings.push('event_processing_registration names no event types: no event will be sent.')
  }
  if (dsr && !dsr.domain) warnings.push('dsr_processing_registration.domain is missing.')
  if (dsr && !canErase(registration)) {
    const what = 'no raw identity that data subject requests know'
    warnings.push(`permissions have ${what}: no such request will be sent.`)
  }
  const [first, second] = [events?.authentication, audiences?.authentication]
  if (first && second && JSON.stringify(first) !== JSON.stringify(second)) {
    const path = 'audience_processing_registration.authentication'
    warnings.push(`${path} differs from that of events, which is used for both.`)
  }
  return warnings
}
