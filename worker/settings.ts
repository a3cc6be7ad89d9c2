import * as v from 'valibot'
import { isObject } from './base/json'
import { type Problem, problem, type Result } from './base/problem'
import { defaultOf, type SettingRow, type SettingRows, type Values } from './setting-rows'
import { schemaOf } from './setting-schema'

export * from './setting-rows'

interface Reading {
  value: unknown
  problem?: Problem | undefined
}

const invalid = (id: string, message: string): Problem => problem('invalid_setting', id, message)

const missing = (id: string, row: SettingRow): Problem =>
  problem('required', id, `${row.label} is required.`)

const isText = ({ type }: SettingRow): boolean =>
  type === 'text' || type === 'url' || type === 'secret' || type === 'time'

const checkValue = (id: string, row: SettingRow, value: unknown): Problem | undefined => {
  if (row.type === 'choice' && row.unsaveable && row.unsaveable.value === value) {
    return invalid(id, row.unsaveable.message)
  }
  const [issue] = v.safeParse(schemaOf(row), value).issues ?? []
  return issue && invalid(id, `${row.label} ${issue.message}.`)
}

const readDefault = (id: string, row: SettingRow): Reading => {
  const value = defaultOf(row)
  if (row.required && value === undefined) return { value, problem: missing(id, row) }
  const isUnsaveable = row.type === 'choice' && row.unsaveable?.value === value
  return { value, problem: isUnsaveable ? checkValue(id, row, value) : undefined }
}

// An empty text stands for the default, which a required setting must not.
const readSetting = (id: string, row: SettingRow, value: unknown): Reading => {
  if (value === undefined || value === null) return readDefault(id, row)
  if (value !== '' || !isText(row)) return { value, problem: checkValue(id, row, value) }
  return { value: defaultOf(row), problem: row.required ? missing(id, row) : undefined }
}

const valuesOf = <R extends SettingRows>(readings: [string, Reading][]): Values<R> =>
  // Each value was checked against its row or is its default, which is what `Values` says of it.
  Object.fromEntries(readings.map(([id, { value }]) => [id, value])) as Values<R>

/**
 * Checks settings against their rows and fills the defaults in. A missing setting, `null` and an
 * empty text mean the default. Returns all problems at once; their paths are the settings' ids.
 */
export const readSettings = <R extends SettingRows>(
  rows: R,
  values: unknown
): Result<Values<R>> => {
  if (values !== undefined && !isObject(values)) {
    return { ok: false, problems: [problem('invalid', '', 'settings must be an object.')] }
  }
  const unknown = Object.keys(values ?? {})
    .filter((id) => !Object.hasOwn(rows, id))
    .map((id) => problem('unknown_setting', id, `${id} is not a setting of this output.`))
  const readings = Object.entries(rows).map(([id, row]): [string, Reading] => [
    id,
    readSetting(id, row, values?.[id]),
  ])
  const problems = [...unknown, ...readings.flatMap(([, reading]) => reading.problem ?? [])]
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value: valuesOf(readings) }
}

/**
 * Reads stored settings for use. A value that its row no longer allows counts as not set, so that
 * events are still delivered until an admin corrects it.
 */
export const readStoredSettings = <R extends SettingRows>(rows: R, stored: unknown): Values<R> => {
  const values = isObject(stored) ? stored : {}
  const readings = Object.entries(rows).map(([id, row]): [string, Reading] => {
    const reading = readSetting(id, row, values[id])
    return [id, reading.problem ? { value: defaultOf(row) } : reading]
  })
  return valuesOf(readings)
}
