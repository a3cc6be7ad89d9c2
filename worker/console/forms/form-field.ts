import type { SettingRow, SettingTable } from '../../settings'

/** A field of a form: a row, and where its value stands in what is saved. */
export interface FormField {
  path: string[]
  row: SettingRow
}

/** The field's name in a form, and in the problems of the admin API. */
export const nameOf = ({ path }: FormField): string => path.join('.')

/** The fields of a settings table, without those of its groups. */
export const fieldsOf = (rows: SettingTable, ...parents: string[]): FormField[] =>
  Object.entries(rows).flatMap(([id, row]) =>
    'rows' in row ? [] : { path: [...parents, id], row }
  )
