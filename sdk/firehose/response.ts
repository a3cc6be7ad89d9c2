import type {
  AudienceMembershipChangeResponse,
  AudienceSubscriptionResponse,
  DsrProcessingResponse,
  Envelope,
  EventProcessingResponse,
  ModuleRegistrationResponse,
  RequestMessage,
  ResponseMessage,
} from './messages'
import { moduleRegistration } from './module-registration'
import { firehoseVersion } from './names'
import type { Registration } from './registration'

/** What a response says beside its envelope, which is made where it is missing. */
export type Answer<Response extends ResponseMessage> = Omit<Response, keyof Envelope | 'type'> &
  Partial<Pick<Response, keyof Envelope | 'type'>>

const envelope = (): Envelope => ({
  id: crypto.randomUUID(),
  timestamp_ms: Date.now(),
  firehose_version: firehoseVersion,
})

/** @throws RegistrationError with all that is wrong. */
export const moduleRegistrationResponse = (
  registration: Registration
): ModuleRegistrationResponse => ({
  type: 'module_registration_response',
  ...envelope(),
  ...moduleRegistration(registration),
})

export const eventProcessingResponse = (
  answer: Answer<EventProcessingResponse> = {}
): EventProcessingResponse => ({ type: 'event_processing_response', ...envelope(), ...answer })

export const audienceSubscriptionResponse = (
  answer: Answer<AudienceSubscriptionResponse> = {}
): AudienceSubscriptionResponse => ({
  type: 'audience_subscription_response',
  ...envelope(),
  ...answer,
})

/** Says always whether it suspends, as the Java SDK does. */
export const audienceMembershipChangeResponse = (
  answer: Answer<AudienceMembershipChangeResponse> = {}
): AudienceMembershipChangeResponse => ({
  type: 'audience_membership_change_response',
  ...envelope(),
  suspend_subscription: false,
  ...answer,
})

export const dsrProcessingResponse = (
  answer: Answer<DsrProcessingResponse> = {}
): DsrProcessingResponse => ({ type: 'dsr_processing_response', ...envelope(), ...answer })

const plainResponses = {
  event_processing_request: eventProcessingResponse,
  audience_subscription_request: audienceSubscriptionResponse,
  audience_membership_change_request: audienceMembershipChangeResponse,
  dsr_processing_request: dsrProcessingResponse,
}

/** The response that says nothing. There is none to a registration. */
export const plainResponse = (
  type: Exclude<RequestMessage['type'], 'module_registration_request'>
): ResponseMessage => plainResponses[type]()
