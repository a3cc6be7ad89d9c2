import { Account } from '../account'
import type {
  AudienceMembershipChangeRequest,
  AudienceMembershipChangeResponse,
  AudienceSubscriptionRequest,
  AudienceSubscriptionResponse,
  DsrProcessingRequest,
  DsrProcessingResponse,
  Envelope,
  EventProcessingRequest,
  EventProcessingResponse,
  Message,
  ModuleRegistrationRequest,
  ModuleRegistrationResponse,
  PlatformFields,
} from '../messages'
import { dsrTypes, firehoseVersion, regulations, subscriptionActions } from '../names'
import type { TextMap } from '../open'
import { userProfiles } from './audiences'
import { consentState, systemNotification } from './consent'
import { dsrIdentities, submittedTime } from './dsr'
import { event } from './events'
import { type Field, type Fields, list, object, required } from './field'
import { partnerIdentities, userIdentities } from './identities'
import { registrationFields } from './registration'
import { runtimeEnvironment } from './runtime-environment'
import { flag, int32, int64, known, text, textLists, textMap, uuid, word } from './scalars'

const envelope: Fields<Envelope> = {
  id: required(uuid, () => crypto.randomUUID()),
  timestamp_ms: required(int64, () => Date.now()),
  firehose_version: required(text, () => firehoseVersion),
}

const of = <Type extends Message['type']>(type: Type) => ({
  type: required(known([type])),
  ...envelope,
})

const accountFields = object<{ account_id: number; account_settings?: TextMap }>({
  account_id: required(int32, () => 0),
  account_settings: textMap,
})

// The Java SDK's sample of a data subject request has no account.
const account = required<Account>(
  {
    read: (value) => new Account(accountFields.read(value)),
    check: accountFields.check,
  },
  () => new Account()
)

const platformFields = object<PlatformFields>({
  mp_account_id: int32,
  mp_account_name: text,
  workspace_id: int32,
  workspace_name: text,
  input_name: text,
  app_name: text,
  app_version: text,
  dataplan_id: text,
  dataplan_name: text,
  dataplan_version: int32,
})

const eventProcessingRequest = object<EventProcessingRequest>({
  ...of('event_processing_request'),
  account,
  events: required(list(event), () => []),
  system_notifications: list(systemNotification),
  source_id: text,
  source_channel: text,
  mpid: text,
  device_application_stamp: text,
  user_identities: userIdentities,
  partner_identities: partnerIdentities,
  user_attributes: textMap,
  user_attribute_lists: textLists,
  runtime_environment: runtimeEnvironment,
  integration_attributes: textMap,
  consent_state: consentState,
  platform_fields: platformFields,
})

const audienceSubscriptionRequest = object<AudienceSubscriptionRequest>({
  ...of('audience_subscription_request'),
  account,
  audience_id: required(int32, () => 0),
  audience_name: required(text, () => ''),
  audience_description: text,
  action: required(word(subscriptionActions), () => ''),
  audience_subscription_settings: textMap,
  previous_audience_subscription_settings: textMap,
})

const dsrProcessingRequest = object<DsrProcessingRequest>({
  ...of('dsr_processing_request'),
  account,
  subject_request_id: text,
  subject_request_type: word(dsrTypes),
  submitted_time: submittedTime,
  subject_identities: required(dsrIdentities, () => ({})),
  api_version: text,
  regulation: word(regulations),
})

/** The fields of each type of message. */
export const messageKinds: { [Type in Message['type']]: Field<Extract<Message, { type: Type }>> } =
  {
    module_registration_request: object<ModuleRegistrationRequest>(
      of('module_registration_request')
    ),
    module_registration_response: object<ModuleRegistrationResponse>({
      ...of('module_registration_response'),
      ...registrationFields,
    }),
    event_processing_request: eventProcessingRequest,
    event_processing_response: object<EventProcessingResponse>({
      ...of('event_processing_response'),
      suspend_subscription: flag,
    }),
    audience_subscription_request: audienceSubscriptionRequest,
    audience_subscription_response: object<AudienceSubscriptionResponse>({
      ...of('audience_subscription_response'),
      audience_subscription_settings: textMap,
    }),
    audience_membership_change_request: object<AudienceMembershipChangeRequest>({
      ...of('audience_membership_change_request'),
      account,
      user_profiles: userProfiles,
    }),
    audience_membership_change_response: object<AudienceMembershipChangeResponse>({
      ...of('audience_membership_change_response'),
      suspend_subscription: flag,
    }),
    dsr_processing_request: dsrProcessingRequest,
    dsr_processing_response: object<DsrProcessingResponse>(of('dsr_processing_response')),
  }
