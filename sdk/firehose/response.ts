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

/** The fields of a response. Missing fields of the envelope are filled in. */
export type Answer<Response extends ResponseMessage> = Omit<Response, keyof Envelope | 'type'> &
  Partial<Pick<Response, keyof Envelope | 'type'>>

const envelope = (): Envelope => ({
  id: crypto.randomUUID(),
  timestamp_ms: Date.now(),
  firehose_version: firehoseVersion,
})

/** @throws RegistrationError with all problems. */
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

/** Always has `suspend_subscription`, as in the Java SDK. */
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

/** A response without further fields. A registration has no such response. */
export const plainResponse = (
  type: Exclude<RequestMessage['type'], 'module_registration_request'>
): ResponseMessage => plainResponses[type]()
