import type { Account } from './account'
import type { UserProfile } from './audiences'
import type { ConsentState, SystemNotification, UnknownNotification } from './consent'
import type { Event, UnknownEvent } from './events'
import type { PartnerIdentity, UserIdentity } from './identities'
import type { DsrIdentityType, DsrType, Regulation, SubscriptionAction } from './names'
import type { Open, TextMap } from './open'
import type { Registration } from './registration'
import type { RuntimeEnvironment, UnknownRuntimeEnvironment } from './runtime-environment'

export interface Envelope {
  /** A UUID. It is the same when a request is sent again. */
  id: string
  timestamp_ms: number
  /** Do not rely on it: platforms send old versions. */
  firehose_version: string
}

/** Asks the integration for its registration. */
export interface ModuleRegistrationRequest extends Envelope {
  type: 'module_registration_request'
}

export interface ModuleRegistrationResponse extends Envelope, Registration {
  type: 'module_registration_response'
}

/** The customer, workspace and data plan of a batch. Ids are 32-bit integers. */
export interface PlatformFields {
  mp_account_id?: number
  mp_account_name?: string
  workspace_id?: number
  workspace_name?: string
  /** The name of the operating system or of the partner feed. */
  input_name?: string
  app_name?: string
  app_version?: string
  dataplan_id?: string
  dataplan_name?: string
  dataplan_version?: number
}

/**
 * A batch of one user and device. A request without events is a check whether the integration
 * answers.
 */
export interface EventProcessingRequest extends Envelope {
  type: 'event_processing_request'
  account: Account
  events: (Event | UnknownEvent)[]
  system_notifications?: (SystemNotification | UnknownNotification)[]
  /** The id of the batch. */
  source_id?: string
  /** `native`, `javascript`, `pixel`, `partner`, `server_to_server`, `unknown`. */
  source_channel?: string
  /** mParticle's id of the user: a 64-bit integer as text. */
  mpid?: string
  device_application_stamp?: string
  user_identities?: UserIdentity[]
  partner_identities?: PartnerIdentity[]
  /** A null value is a tag. */
  user_attributes?: TextMap
  user_attribute_lists?: Record<string, string[]>
  runtime_environment?: RuntimeEnvironment | UnknownRuntimeEnvironment
  integration_attributes?: TextMap
  consent_state?: ConsentState
  platform_fields?: PlatformFields
}

export interface EventProcessingResponse extends Envelope {
  type: 'event_processing_response'
  /** Suspends the connection until its owner resumes it. */
  suspend_subscription?: boolean
}

/** An audience was connected to the integration, changed or disconnected. */
export interface AudienceSubscriptionRequest extends Envelope {
  type: 'audience_subscription_request'
  account: Account
  audience_id: number
  audience_name: string
  audience_description?: string
  action: Open<SubscriptionAction>
  audience_subscription_settings?: TextMap
  previous_audience_subscription_settings?: TextMap
}

export interface AudienceSubscriptionResponse extends Envelope {
  type: 'audience_subscription_response'
  /** Stored by the platform, and sent with each change of a membership. */
  audience_subscription_settings?: TextMap
}

/**
 * Users entered or left audiences. A request without `user_profiles` is a check whether the
 * integration answers.
 */
export interface AudienceMembershipChangeRequest extends Envelope {
  type: 'audience_membership_change_request'
  account: Account
  user_profiles?: UserProfile[]
}

export interface AudienceMembershipChangeResponse extends Envelope {
  type: 'audience_membership_change_response'
  /**
   * Suspends the connection until its owner resumes it. For lasting errors, such as an expired key.
   */
  suspend_subscription?: boolean
}

export interface DsrIdentity {
  encoding: Open<'raw'>
  value: string
}

export type DsrIdentities = { [Type in DsrIdentityType]?: DsrIdentity } & {
  [type: string]: DsrIdentity
}

/** Asks to erase a user. */
export interface DsrProcessingRequest extends Envelope {
  type: 'dsr_processing_request'
  account: Account
  /** A UUID. */
  subject_request_id?: string
  subject_request_type?: Open<DsrType>
  /** ISO 8601, UTC. (Platforms send it as ISO 8601 or as a number.) */
  submitted_time?: string
  subject_identities: DsrIdentities
  api_version?: string
  regulation?: Open<Regulation>
}

export interface DsrProcessingResponse extends Envelope {
  type: 'dsr_processing_response'
}

export type RequestMessage =
  | ModuleRegistrationRequest
  | EventProcessingRequest
  | AudienceSubscriptionRequest
  | AudienceMembershipChangeRequest
  | DsrProcessingRequest

export type ResponseMessage =
  | ModuleRegistrationResponse
  | EventProcessingResponse
  | AudienceSubscriptionResponse
  | AudienceMembershipChangeResponse
  | DsrProcessingResponse

export type Message = RequestMessage | ResponseMessage

/** The type of the response to each type of request. */
export const responseTypes = {
  module_registration_request: 'module_registration_response',
  event_processing_request: 'event_processing_response',
  audience_subscription_request: 'audience_subscription_response',
  audience_membership_change_request: 'audience_membership_change_response',
  dsr_processing_request: 'dsr_processing_response',
} as const satisfies Record<RequestMessage['type'], ResponseMessage['type']>
