import type { Audience, AudienceUserAttribute, UserProfile } from '../audiences'
import { attributeActions, membershipActions } from '../names'
import { list, object, required } from './field'
import { deviceIdentities, partnerIdentities, userIdentities } from './identities'
import { filled, int32, text, textMap, texts, word } from './scalars'

// Samples of the Java SDK have attributes without a key, which are left out.
const userAttribute = object<AudienceUserAttribute>({
  key: required(filled),
  action: required(word(attributeActions), () => ''),
  value: text,
  list_value: texts,
})

const audience = object<Audience>({
  audience_id: required(int32, () => 0),
  audience_name: required(text, () => ''),
  audience_subscription_settings: textMap,
  action: required(word(membershipActions), () => ''),
  user_attributes: list(userAttribute),
})

export const userProfiles = list(
  object<UserProfile>({
    user_identities: userIdentities,
    device_identities: deviceIdentities,
    partner_identities: partnerIdentities,
    audiences: list(audience),
    mpid: text,
  })
)
