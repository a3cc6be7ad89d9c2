import * as v from 'valibot'
import { isObject } from './base/json'
import { type Problem, problem, type Result } from './base/problem'
import { defaultOf, type SettingRow, type SettingRows, type Values } from './setting-rows'
import { schemaOf } from './setting-schema'

export * from './setting-rows'

const invalid = (id: string, message: string): Problem => problem('invalid_setting', id, message)

const missing = (id: string, row: SettingRow): Problem =>
  problem('required', id, `${row.label} is required.`)

const isText = ({ type }: SettingRow): boolean =>
  type === 'text' || type === 'url' || type === 'secret' || type === 'time'

const checkValue = (id: string, row: SettingRow, value: unknown): Problem | undefined => {
  if (value === '' && isText(row)) return row.required ? missing(id, row) : undefined
  if (row.type === 'choice' && row.unsaveable && row.unsaveable.value === value) {
    return invalid(id, row.unsaveable.message)
  }
  const [issue] = v.safeParse(schemaOf(row), value).issues ?? []
  return issue && invalid(id, `${row.label} ${issue.message}.`)
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
    return { entry: [id, value], problem: missing(id, row) }
  }
  const unsaveable = row.type === 'choice' && row.unsaveable?.value === value
  return { entry: [id, value], problem: unsaveable ? checkValue(id, row, value) : undefined }
}

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
