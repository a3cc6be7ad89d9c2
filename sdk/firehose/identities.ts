import type { DeviceIdentityType, Encoding, UserIdentityType } from './names'
import type { Open } from './open'

export interface Identity<Type extends string = string> {
  type: Open<Type>
  encoding: Open<Encoding>
  value: string
}
export type UserIdentity = Identity<UserIdentityType>
export type DeviceIdentity = Identity<DeviceIdentityType>
export type PartnerIdentity = Identity
