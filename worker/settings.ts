import { isObject } from './base/json'
import { type Problem, problem, type Result } from './base/problem'
import { parseUrl } from './base/url'

interface RowBase {
  label: string
  help: string
  /** Where the setting comes from: the document of an output or of Lytics' export, or `weir` (our own). */
  source: 'sqs' | 's3' | 'sqs, s3' | 'lytics' | 'firehose' | 'weir'
  required?: boolean
}

/** One setting. Plain JSON: the admin API sends rows as they are, and forms are made of them. */
export type SettingRow =
  | (RowBase & { type: 'text'; default?: string; pattern?: string; patternHelp?: string })
  | (RowBase & { type: 'url'; default?: string })
  | (RowBase & { type: 'secret' })
  | (RowBase & { type: 'switch'; default: boolean })
  | (RowBase & { type: 'number'; default: number; unit: string; min: number; max: number })
  | (RowBase & {
      type: 'choice'
      default: string
      choices: { value: string; label: string }[]
      /** A placeholder default that cannot be saved, with the message that says so. */
      unsaveable?: { value: string; message: string }
      /** Other values that are accepted beside the choices. */
      pattern?: string
    })
  | (RowBase & { type: 'list'; choices: { value: string; label: string }[] })
  | (RowBase & { type: 'list'; choices?: never; most: number })
  /** Values of settings that somebody else defines, by their ids. */
  | (RowBase & { type: 'values' })

export type SettingRows = Record<string, SettingRow>

type Value<R extends SettingRow> = R extends { type: 'switch' }
  ? boolean
  : R extends { type: 'number' }
    ? number
    : R extends { type: 'list' }
      ? string[]
      : R extends { type: 'values' }
        ? Record<string, unknown>
        : R extends { required: true } | { default: string }
          ? string
          : string | undefined

export type Values<R extends SettingRows> = { [K in keyof R]: Value<R[K]> }

/** Keeps the literal types of the rows, from which `Values` derives. */
export const settings = <const R extends SettingRows>(rows: R): R => rows

const isUrl = (value: string): boolean => /^https?:$/.test(parseUrl(value)?.protocol ?? '')

const invalid = (id: string, message: string): Problem => problem('invalid_setting', id, message)

const checkText = (id: string, row: SettingRow, value: unknown): Problem | undefined => {
  if (typeof value !== 'string') return invalid(id, `${id} must be text.`)
  if (row.required && value === '') return problem('required', id, `${id} is required.`)
  if (row.type === 'url' && value !== '' && !isUrl(value)) {
    return invalid(id, `${id} must be a URL that begins with https:// or http://.`)
  }
  if (row.type === 'text' && row.pattern && value && !new RegExp(row.pattern).test(value)) {
    return invalid(id, `${id} ${row.patternHelp ?? `must match ${row.pattern}`}.`)
  }
  return undefined
}

const checkChoice = (
  id: string,
  row: SettingRow & { type: 'choice' },
  value: unknown
): Problem | undefined => {
  if (row.unsaveable && row.unsaveable.value === value) return invalid(id, row.unsaveable.message)
  if (row.choices.some((choice) => choice.value === value)) return undefined
  if (typeof value === 'string' && row.pattern && new RegExp(row.pattern).test(value)) {
    return undefined
  }
  return invalid(id, `${id} must be one of ${row.choices.map((one) => one.value).join(', ')}.`)
}

const checkList = (
  id: string,
  row: SettingRow & { type: 'list' },
  value: unknown
): Problem | undefined => {
  if (row.choices) {
    const known = row.choices.map((choice) => choice.value)
    const isList = Array.isArray(value) && value.every((one) => known.includes(one))
    return isList ? undefined : invalid(id, `${id} must be a list of ${known.join(', ')}.`)
  }
  const isList = Array.isArray(value) && value.every((one) => typeof one === 'string' && one !== '')
  if (isList && value.length <= row.most) return undefined
  return invalid(id, `${id} must be a list of at most ${row.most} names.`)
}

const checkValue = (id: string, row: SettingRow, value: unknown): Problem | undefined => {
  switch (row.type) {
    case 'text':
    case 'url':
    case 'secret':
      return checkText(id, row, value)
    case 'switch':
      return typeof value === 'boolean' ? undefined : invalid(id, `${id} must be true or false.`)
    case 'number':
      return Number.isInteger(value) && Number(value) >= row.min && Number(value) <= row.max
        ? undefined
        : invalid(id, `${id} must be a whole number of ${row.unit} from ${row.min} to ${row.max}.`)
    case 'choice':
      return checkChoice(id, row, value)
    case 'list':
      return checkList(id, row, value)
    case 'values':
      return isObject(value) ? undefined : invalid(id, `${id} must be an object.`)
  }
}

const defaultOf = (row: SettingRow): unknown => {
  if (row.type === 'list') return []
  if (row.type === 'values') return {}
  return 'default' in row ? row.default : undefined
}

/**
 * Checks what a user gave against the rows and fills the defaults in. A missing setting and `null`
 * mean the default. All problems come at once; their paths are the settings' ids.
 */
export const readSettings = <R extends SettingRows>(rows: R, given: unknown): Result<Values<R>> => {
  if (given !== undefined && !isObject(given)) {
    return { ok: false, problems: [problem('invalid', '', 'settings must be an object.')] }
  }
  const unknown = Object.keys(given ?? {})
    .filter((id) => !Object.hasOwn(rows, id))
    .map((id) => problem('unknown_setting', id, `${id} is not a setting of this output.`))
  const read = Object.entries(rows).map(([id, row]) => readSetting(id, row, given?.[id]))
  const problems = [...unknown, ...read.flatMap((one) => one.problem ?? [])]
  if (problems.length > 0) return { ok: false, problems }
  // The loop above checked each value against its row, which is what `Values` says of it.
  return { ok: true, value: Object.fromEntries(read.map((one) => one.entry)) as Values<R> }
}

const readSetting = (
  id: string,
  row: SettingRow,
  given: unknown
): { entry: [string, unknown]; problem?: Problem | undefined } => {
  if (given !== undefined && given !== null) {
    return {
      entry: [id, given === '' ? defaultOf(row) : given],
      problem: checkValue(id, row, given),
    }
  }
  const value = defaultOf(row)
  if (row.required && value === undefined) {
    return { entry: [id, value], problem: problem('required', id, `${id} is required.`) }
  }
  const unsaveable = row.type === 'choice' && row.unsaveable?.value === value
  return { entry: [id, value], problem: unsaveable ? checkValue(id, row, value) : undefined }
}

/** The ids of the rows whose values are sealed at rest and never read back. */
export const secretIds = (rows: SettingRows): string[] =>
  Object.entries(rows).flatMap(([id, row]) => (row.type === 'secret' ? [id] : []))

/**
 * Reads stored settings for use: a value that its row no longer allows counts as not set, since
 * events must flow on while an owner mends it.
 */
export const readStoredSettings = <R extends SettingRows>(rows: R, stored: unknown): Values<R> => {
  const given = isObject(stored) ? stored : {}
  const read = Object.entries(rows).map(([id, row]): [string, unknown] => {
    const one = readSetting(id, row, given[id])
    return one.problem ? [id, defaultOf(row)] : one.entry
  })
  // Each value was checked against its row or is its default.
  return Object.fromEntries(read) as Values<R>
}
