import type { DeviceIdentity, PartnerIdentity, UserIdentity } from '../identities'
import { deviceIdentityTypes, encodings, userIdentityTypes } from '../names'
import { list, object, required } from './field'
import { filled, word } from './scalars'

// An identity without a type or value is left out; the Java SDK rejects the whole message.
const common = {
  encoding: required(word(encodings), () => 'raw'),
  value: required(filled),
}

export const userIdentities = list(
  object<UserIdentity>({ type: required(word(userIdentityTypes)), ...common })
)
export const deviceIdentities = list(
  object<DeviceIdentity>({ type: required(word(deviceIdentityTypes)), ...common })
)
export const partnerIdentities = list(
  object<PartnerIdentity>({ type: required(filled), ...common })
)
