import type { SettingRow } from '../../settings'

type WithoutSource<R> = R extends unknown ? Omit<R, 'source'> : never

/** A settings row as far as a form needs it; numbers and choices may be left empty. */
export type FormRow =
  WithoutSource<SettingRow> extends infer R
    ? R extends { type: 'number' }
      ? Omit<R, 'default'> & { default?: number }
      : R extends { type: 'choice' }
        ? Omit<R, 'default'> & { default?: string }
        : R
    : never

/** A field of a form: a row, and where its value stands in what is saved. */
export interface FormField {
  path: string[]
  row: FormRow
}

/** What the field is called in a form, and in the problems of the admin API. */
export const nameOf = ({ path }: FormField): string => path.join('.')

/** The fields of a settings table. */
export const fieldsOf = (rows: Record<string, FormRow>, ...parents: string[]): FormField[] =>
  Object.entries(rows).map(([id, row]) => ({ path: [...parents, id], row }))
