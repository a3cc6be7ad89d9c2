import type { DeviceIdentity, PartnerIdentity, UserIdentity } from './identities'
import type { AttributeAction, MembershipAction } from './names'
import type { Open, TextMap } from './open'

export interface AudienceUserAttribute {
  key: string
  action: Open<AttributeAction>
  /** Neither this nor a list: a tag. */
  value?: string
  list_value?: string[]
}

/** What became of a user's membership in one audience. */
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
