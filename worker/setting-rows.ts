interface RowBase {
  /** The setting's name for people: in forms, in messages and in documents. */
  label: string
  help: string
  /** The document that defines a setting of an output. Left out, or `weir`: our own. */
  source?: 'sqs' | 's3' | 'sqs, s3' | 'lytics' | 'firehose' | 'weir'
  required?: boolean
}

interface Choice {
  value: string
  label: string
}

/** A regular expression, and what a text that does not match must do (`must be …`). */
interface Pattern {
  pattern?: string
  patternHelp?: string
}

/** One setting. Plain JSON: the admin API sends rows as they are, and forms are made of them. */
export type SettingRow =
  | (RowBase & Pattern & { type: 'text'; default?: string; minLength?: number })
  | (RowBase & { type: 'url'; default?: string })
  | (RowBase & { type: 'secret'; minLength?: number })
  /** A moment, as ISO 8601 writes it. */
  | (RowBase & { type: 'time' })
  | (RowBase & { type: 'switch'; default: boolean })
  | (RowBase & { type: 'number'; default?: number; unit: string; min: number; max: number })
  | (RowBase & {
      type: 'choice'
      default?: string
      choices: Choice[]
      /** A placeholder default that cannot be saved, with the message that says so. */
      unsaveable?: { value: string; message: string }
      /** Other values that are accepted beside the choices. */
      pattern?: string
    })
  | (RowBase & { type: 'list'; choices: Choice[]; default?: string[] })
  | (RowBase & Pattern & { type: 'list'; choices?: never; most?: number; default?: string[] })
  /** Values of settings that an integration registered, by their ids. */
  | (RowBase & { type: 'values' })

/** Settings in an object of their own, which may be missing as a whole. */
export interface GroupRow {
  type: 'group'
  label: string
  help: string
  /** The label of the switch that adds the group, where an empty one would mean something. */
  switchLabel?: string
  rows: SettingTable
}

/** A list of objects that have the same settings. */
export interface GroupListRow {
  type: 'groups'
  /** What one of them is called. */
  label: string
  help: string
  rows: SettingTable
}

export type SettingRows = Record<string, SettingRow>
export type SettingTable = Record<string, SettingRow | GroupRow | GroupListRow>

type TextValue<R> = R extends { type: 'choice'; pattern: string }
  ? string
  : R extends { type: 'choice'; choices: { value: infer V }[] }
    ? V
    : string

type Value<R> = R extends { rows: infer G extends SettingTable }
  ? R extends { type: 'groups' }
    ? Values<G>[]
    : Values<G>
  : R extends { type: 'switch' }
    ? boolean
    : R extends { type: 'number' }
      ? number
      : R extends { type: 'list' }
        ? string[]
        : R extends { type: 'values' }
          ? Record<string, unknown>
          : TextValue<R>

// Even a required secret can be missing: when a mask was sent that stands for no stored secret.
type IsAlwaysSet<R> = R extends { type: 'secret' | 'group' }
  ? false
  : R extends
        | { type: 'switch' | 'values' | 'groups' }
        | { required: true }
        | { default: string | number | string[] }
    ? true
    : false

export type Values<R extends SettingTable> = {
  -readonly [K in keyof R as IsAlwaysSet<R[K]> extends true ? K : never]: Value<R[K]>
} & {
  -readonly [K in keyof R as IsAlwaysSet<R[K]> extends true ? never : K]?: Value<R[K]> | undefined
}

/** Keeps the literal types of the rows, from which `Values` derives. */
export const settings = <const R extends SettingTable>(rows: R): R => rows

/** The value of a setting that is not given. */
export const defaultOf = (row: SettingRow): unknown => {
  if (row.type === 'values') return {}
  if (row.type === 'list') return row.default && [...row.default]
  return 'default' in row ? row.default : undefined
}

/** The ids of the rows whose values are sealed at rest and never read back. */
export const secretIds = (rows: SettingRows): string[] =>
  Object.entries(rows).flatMap(([id, row]) => (row.type === 'secret' ? [id] : []))

/** The row at a path into what the table describes; numbers are places in lists. */
export const rowAt = (rows: SettingTable, path: string[]): SettingTable[string] | undefined => {
  const [id = '', ...rest] = path
  const row = Object.hasOwn(rows, id) ? rows[id] : undefined
  const within = rest.filter((name) => !/^\d+$/.test(name))
  if (!row || within.length === 0) return row
  return 'rows' in row ? rowAt(row.rows, within) : undefined
}
