import type { Problem } from '../../base/problem'
import type { SettingRow } from '../../settings'
import type { FormField } from '../forms/form-field'
import { nameOf } from '../forms/form-field'
import { Control } from './control'

interface FieldProps {
  field: FormField
  /** What is stored, or what was just sent and is to be mended. */
  value: unknown
  /** Those of the form; their paths are the fields' names. */
  problems: Problem[]
}

const idOf = (name: string): string => `field-${name.replace(/[^\w-]/g, '-')}`

/** Where the summary of a form's problems leads. */
export const fieldAnchor = (name: string): string => `#${idOf(name)}`

/** Problems of a field, those within its lists and values included. */
export const problemsAt = (problems: Problem[], name: string): Problem[] =>
  problems.filter(({ path }) => path === name || path.startsWith(`${name}.`))

const helpOf = ({ help, ...row }: SettingRow): string =>
  row.type === 'list' && !row.choices ? `${help} One per line.` : help

const isGroup = ({ row }: FormField): boolean => row.type === 'list' && row.choices !== undefined

/** A setting with its label, its control, its help, and what is wrong with it. */
export const Field = ({ field, value, problems }: FieldProps) => {
  const { row } = field
  const help = helpOf(row)
  const name = nameOf(field)
  const id = idOf(name)
  const wrong = problemsAt(problems, name)
  const described = [help === '' ? '' : `${id}-help`, wrong.length > 0 ? `${id}-error` : '']
    .filter((one) => one !== '')
    .join(' ')
  const control = <Control {...{ field, name, id, value, described, isWrong: wrong.length > 0 }} />
  const rest = <About {...{ id, help, wrong }} />
  if (isGroup(field)) {
    return (
      <fieldset class="field" id={id} aria-describedby={described || undefined}>
        <legend>{row.label}</legend>
        {control}
        {rest}
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
      {rest}
    </div>
  )
}

const About = ({ id, help, wrong }: { id: string; help: string; wrong: Problem[] }) => (
  <>
    {help === '' ? null : (
      <p class="help" id={`${id}-help`}>
        {help}
      </p>
    )}
    {wrong.length === 0 ? null : (
      <p class="error" id={`${id}-error`}>
        {wrong.map(({ message }) => message).join(' ')}
      </p>
    )}
  </>
)
