import type { BooleanSetting, IdentityPermission, NumberSetting, TextSetting } from './registration'

type Of<S> = Omit<S, 'type'>

/** Settings that the customer fills in, by their ids in `account_settings`. */
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

/** Grants of identities: `raw('email')` as they are, the others hashed after lower-casing. */
export const raw = grant('raw')
export const md5 = grant('md5')
export const sha1 = grant('sha1')
export const sha256 = grant('sha256')
