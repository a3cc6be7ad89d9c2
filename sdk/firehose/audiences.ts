import type { DeviceIdentity, PartnerIdentity, UserIdentity } from './identities'
import type { AttributeAction, MembershipAction } from './names'
import type { Open, TextMap } from './open'

export interface AudienceUserAttribute {
  key: string
  action: Open<AttributeAction>
  /** An attribute with neither `value` nor `list_value` is a tag. */
  value?: string
  list_value?: string[]
}

/** The change of a user's membership in an audience. */
export interface Audience {
  audience_id: number
  audience_name: string
  audience_subscription_settings?: TextMap
  action: Open<MembershipAction>
  user_attributes?: AudienceUserAttribute[]
}

export interface UserProfile {
  user_identities?: UserIdentity[]
  device_identities?: DeviceIdentity[]
  partner_identities?: PartnerIdentity[]
  audiences?: Audience[]
  mpid?: string
}
