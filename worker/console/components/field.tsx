import type { Problem } from '../../base/problem'
import type { SettingRow } from '../../settings'
import type { FormField } from '../forms/form-field'
import { nameOf } from '../forms/form-field'
import { Control } from './control'

interface FieldProps {
  field: FormField
  /** The stored value, or the one just sent that is to be corrected. */
  value: unknown
  /** All problems of the form; their paths are names of fields. */
  problems: Problem[]
}

const idOf = (name: string): string => `field-${name.replace(/[^\w-]/g, '-')}`

/** The link to a field, for the summary of problems. */
export const fieldAnchor = (name: string): string => `#${idOf(name)}`

/** The problems of a field, including those of its list items and values. */
export const problemsAt = (problems: Problem[], name: string): Problem[] =>
  problems.filter(({ path }) => path === name || path.startsWith(`${name}.`))

const helpOf = ({ help, ...row }: SettingRow): string =>
  row.type === 'list' && !row.choices ? `${help} One per line.` : help

const isGroup = ({ row }: FormField): boolean => row.type === 'list' && row.choices !== undefined

/** A form field: label, control, help and error. */
export const Field = ({ field, value, problems }: FieldProps) => {
  const { row } = field
  const help = helpOf(row)
  const name = nameOf(field)
  const id = idOf(name)
  const errors = problemsAt(problems, name)
  const described = [help === '' ? '' : `${id}-help`, errors.length > 0 ? `${id}-error` : '']
    .filter((part) => part !== '')
    .join(' ')
  const control = <Control {...{ field, name, id, value, described, isWrong: errors.length > 0 }} />
  const notes = <Notes {...{ id, help, errors }} />
  if (isGroup(field)) {
    return (
      <fieldset class="field" id={id} aria-describedby={described || undefined}>
        <legend>{row.label}</legend>
        {control}
        {notes}
      </fieldset>
    )
  }
  return (
    <div class={`field ${row.type}`}>
      <label for={id}>
        {row.label}
        {row.required ? <span class="required"> required</span> : null}
      </label>
      {control}
      {notes}
    </div>
  )
}

const Notes = ({ id, help, errors }: { id: string; help: string; errors: Problem[] }) => (
  <>
    {help === '' ? null : (
      <p class="help" id={`${id}-help`}>
        {help}
      </p>
    )}
    {errors.length === 0 ? null : (
      <p class="error" id={`${id}-error`}>
        {errors.map(({ message }) => message).join(' ')}
      </p>
    )}
  </>
)
