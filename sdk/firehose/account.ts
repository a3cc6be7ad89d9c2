import { SettingError } from './errors'
import type { TextMap } from './open'

const integer = /^[+-]?\d+$/
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

interface Lookup<T> {
  name: string
  required: boolean
  fallback: T | undefined
}

const settingOf = <T>(
  { account_settings }: { account_settings: TextMap },
  { name, required, fallback }: Lookup<T>,
  parse: (text: string) => T
): T | undefined => {
  const value = Object.hasOwn(account_settings, name) ? account_settings[name] : null
  if (value !== null && value !== undefined) return parse(value)
  if (required) throw new SettingError(`The setting ${name} is missing.`)
  return fallback
}

/**
 * The customer's account, with the values of all settings that the integration registered, for the
 * account and for connections. All values are text.
 *
 * For a missing or null value the methods return `fallback`, or throw a `SettingError` if it is
 * `required`. They also throw a `SettingError` for a value of the wrong type. It is permanent.
 */
export class Account {
  readonly account_id: number
  readonly account_settings: TextMap

  constructor({
    account_id = 0,
    account_settings = {},
  }: { account_id?: number; account_settings?: TextMap } = {}) {
    this.account_id = account_id
    this.account_settings = account_settings
  }

  getStringSetting(name: string, required: true): string
  getStringSetting(name: string, required: boolean, fallback: string): string
  getStringSetting(name: string, required?: boolean, fallback?: string): string | undefined
  getStringSetting(name: string, required = false, fallback?: string): string | undefined {
    return settingOf(this, { name, required, fallback }, (text) => text)
  }

  /** @throws SettingError also for an integer that a number cannot represent exactly */
  getIntegerSetting(name: string, required: true): number
  getIntegerSetting(name: string, required: boolean, fallback: number): number
  getIntegerSetting(name: string, required?: boolean, fallback?: number): number | undefined
  getIntegerSetting(name: string, required = false, fallback?: number): number | undefined {
    return settingOf(this, { name, required, fallback }, (text) => {
      if (integer.test(text) && Number.isSafeInteger(Number(text))) return Number(text)
      throw new SettingError(`The setting ${name} is not an integer.`)
    })
  }

  getFloatSetting(name: string, required: true): number
  getFloatSetting(name: string, required: boolean, fallback: number): number
  getFloatSetting(name: string, required?: boolean, fallback?: number): number | undefined
  getFloatSetting(name: string, required = false, fallback?: number): number | undefined {
    return settingOf(this, { name, required, fallback }, (text) => {
      if (decimal.test(text.trim()) && Number.isFinite(Number(text))) return Number(text)
      throw new SettingError(`The setting ${name} is not a number.`)
    })
  }

  /** True for `true` in any letter case, as mParticle sends `True`; false for any other text. */
  getBooleanSetting(name: string, required: true): boolean
  getBooleanSetting(name: string, required: boolean, fallback: boolean): boolean
  getBooleanSetting(name: string, required?: boolean, fallback?: boolean): boolean | undefined
  getBooleanSetting(name: string, required = false, fallback?: boolean): boolean | undefined {
    return settingOf(this, { name, required, fallback }, (text) => text.toLowerCase() === 'true')
  }
}
