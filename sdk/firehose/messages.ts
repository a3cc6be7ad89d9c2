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
  /** A UUID. A request that is sent again has the same. */
  id: string
  timestamp_ms: number
  /** Nothing to decide by: live requests name old versions. */
  firehose_version: string
}

/** Asks the integration what it is and what it wants. */
export interface ModuleRegistrationRequest extends Envelope {
  type: 'module_registration_request'
}

export interface ModuleRegistrationResponse extends Envelope, Registration {
  type: 'module_registration_response'
}

/** Ids are 32 bits; what stands for the customer, the workspace and the data plan. */
export interface PlatformFields {
  mp_account_id?: number
  mp_account_name?: string
  workspace_id?: number
  workspace_name?: string
  /** The operating system's name, or the partner feed's. */
  input_name?: string
  app_name?: string
  app_version?: string
  dataplan_id?: string
  dataplan_name?: string
  dataplan_version?: number
}

/** A batch of one user and one device. No events: a check whether the integration is there. */
export interface EventProcessingRequest extends Envelope {
  type: 'event_processing_request'
  account: Account
  events: (Event | UnknownEvent)[]
  system_notifications?: (SystemNotification | UnknownNotification)[]
  /** The id of the batch that it was made from. */
  source_id?: string
  /** `native`, `javascript`, `pixel`, `partner`, `server_to_server`, `unknown`. */
  source_channel?: string
  /** 64 bits, as text. */
  mpid?: string
  device_application_stamp?: string
  user_identities?: UserIdentity[]
  partner_identities?: PartnerIdentity[]
  /** Null: a tag. */
  user_attributes?: TextMap
  user_attribute_lists?: Record<string, string[]>
  runtime_environment?: RuntimeEnvironment | UnknownRuntimeEnvironment
  integration_attributes?: TextMap
  consent_state?: ConsentState
  platform_fields?: PlatformFields
}

export interface EventProcessingResponse extends Envelope {
  type: 'event_processing_response'
  /** Stops the connection until somebody resumes it. */
  suspend_subscription?: boolean
}

/** An audience was connected, changed or disconnected. */
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
  /** Kept by the platform and sent along with each change of a membership. */
  audience_subscription_settings?: TextMap
}

/** Users entered or left audiences. Without `user_profiles`: a check whether the integration is there. */
export interface AudienceMembershipChangeRequest extends Envelope {
  type: 'audience_membership_change_request'
  account: Account
  user_profiles?: UserProfile[]
}

export interface AudienceMembershipChangeResponse extends Envelope {
  type: 'audience_membership_change_response'
  /** Stops the connection until somebody resumes it: for lasting errors, such as an expired key. */
  suspend_subscription?: boolean
}

export interface DsrIdentity {
  encoding: Open<'raw'>
  value: string
}

export type DsrIdentities = { [Type in DsrIdentityType]?: DsrIdentity } & {
  [type: string]: DsrIdentity
}

/** A user wants to be forgotten. */
export interface DsrProcessingRequest extends Envelope {
  type: 'dsr_processing_request'
  account: Account
  /** A UUID. */
  subject_request_id?: string
  subject_request_type?: Open<DsrType>
  /** ISO 8601, UTC, whichever of its two forms came. */
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

/** The type of the answer to a type of request. */
export const responseTypes = {
  module_registration_request: 'module_registration_response',
  event_processing_request: 'event_processing_response',
  audience_subscription_request: 'audience_subscription_response',
  audience_membership_change_request: 'audience_membership_change_response',
  dsr_processing_request: 'dsr_processing_response',
} as const satisfies Record<RequestMessage['type'], ResponseMessage['type']>
