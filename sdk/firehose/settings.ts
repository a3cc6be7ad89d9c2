import type { BooleanSetting, IdentityPermission, NumberSetting, TextSetting } from './registration'

type Of<S> = Omit<S, 'type'>

/**
 * Make settings that the customer fills in; `id` is the name of the value in `account_settings`.
 */
export const textSetting = (setting: Of<TextSetting>): TextSetting => ({ type: 'text', ...setting })

export const integerSetting = (setting: Of<NumberSetting>): NumberSetting => ({
  type: 'integer',
  ...setting,
})

export const floatSetting = (setting: Of<NumberSetting>): NumberSetting => ({
  type: 'float',
  ...setting,
})

export const booleanSetting = (setting: Of<BooleanSetting>): BooleanSetting => ({
  type: 'boolean',
  ...setting,
})

type Grant = <Type extends string>(
  type: Type,
  options?: { required?: boolean }
) => IdentityPermission<Type>

const grant =
  (encoding: IdentityPermission['encoding']): Grant =>
  (type, { required = false } = {}) => ({ type, encoding, required })

/**
 * Make permissions for identities: `raw('email')` is sent as it is, the others as a hash of the
 * lower-cased value.
 */
export const raw = grant('raw')
export const md5 = grant('md5')
export const sha1 = grant('sha1')
export const sha256 = grant('sha256')
