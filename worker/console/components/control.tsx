import { masked } from '../../config/secrets'
import type { SettingRow } from '../../settings'
import type { FormField } from '../forms/form-field'

export interface ControlProps {
  field: FormField
  name: string
  id: string
  value: unknown
  /** Ids of the help and the error of the field; '' when there are none. */
  described: string
  isWrong: boolean
}

type Of<T extends SettingRow['type']> = SettingRow & { type: T }

const shared = ({ id, name, described, isWrong, field }: ControlProps) => ({
  id,
  name,
  'aria-describedby': described || undefined,
  'aria-invalid': isWrong ? 'true' : undefined,
  'aria-required': field.row.required ? 'true' : undefined,
})

const text = (value: unknown): string =>
  value === undefined || value === null ? '' : String(value)

/** The form control for a settings row. */
export const Control = (props: ControlProps) => {
  const { row } = props.field
  switch (row.type) {
    case 'text':
    case 'time':
    case 'url':
      return <TextControl {...props} row={row} />
    case 'secret':
      return <SecretControl {...props} row={row} />
    case 'switch':
      return <SwitchControl {...props} row={row} />
    case 'number':
      return <NumberControl {...props} row={row} />
    case 'choice':
      return <ChoiceControl {...props} row={row} />
    case 'list':
      return row.choices ? (
        <ChecksControl {...props} choices={row.choices} />
      ) : (
        <LinesControl {...props} />
      )
    case 'values':
      return <JsonControl {...props} />
  }
}

const TextControl = ({ row, ...props }: ControlProps & { row: Of<'text' | 'time' | 'url'> }) => (
  <input
    {...shared(props)}
    type="text"
    inputmode={row.type === 'url' ? 'url' : undefined}
    value={text(props.value)}
    placeholder={'default' in row ? row.default : undefined}
    autocomplete="off"
    autocapitalize="off"
    spellcheck={false}
  />
)

const SecretControl = ({ row, ...props }: ControlProps & { row: Of<'secret'> }) => {
  const isSet = props.value === masked
  const isLost = !isSet && text(props.value) !== ''
  return (
    <>
      <input
        {...shared(props)}
        type="password"
        value=""
        placeholder={isSet ? 'set; empty keeps it' : isLost ? 'type it again' : ''}
        autocomplete="new-password"
      />
      {isSet && !row.required ? (
        <label class="check">
          <input type="checkbox" name={`${props.name}.remove`} value="on" /> Remove it
        </label>
      ) : null}
    </>
  )
}

const SwitchControl = ({ row, ...props }: ControlProps & { row: Of<'switch'> }) => {
  const value = typeof props.value === 'boolean' ? props.value : row.default
  return <input {...shared(props)} type="checkbox" value="on" checked={value} />
}

const NumberControl = ({ row, ...props }: ControlProps & { row: Of<'number'> }) => (
  <span class="unit">
    <input
      {...shared(props)}
      type="text"
      inputmode="numeric"
      value={text(props.value)}
      placeholder={text(row.default)}
      autocomplete="off"
    />
    <span>{row.unit}</span>
  </span>
)

const ChoiceControl = ({ row, ...props }: ControlProps & { row: Of<'choice'> }) => {
  const value = text(props.value ?? row.default)
  const isOther = value !== '' && !row.choices.some((choice) => choice.value === value)
  // A row with a pattern accepts other values too: a text field with suggestions, not a select.
  if (row.pattern) {
    return (
      <>
        <input
          {...shared(props)}
          type="text"
          list={`${props.id}-choices`}
          value={text(props.value)}
          placeholder={row.default}
          autocomplete="off"
        />
        <datalist id={`${props.id}-choices`}>
          {row.choices.map((choice) => (
            <option value={choice.value}>{choice.label}</option>
          ))}
        </datalist>
      </>
    )
  }
  return (
    <select {...shared(props)}>
      {row.default === undefined || isOther ? (
        <option value={isOther && !row.unsaveable ? value : ''}>Choose…</option>
      ) : null}
      {row.choices.map((choice) => (
        <option value={choice.value} selected={choice.value === value}>
          {choice.label}
        </option>
      ))}
    </select>
  )
}

const listOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])

const ChecksControl = (props: ControlProps & { choices: { value: string; label: string }[] }) => (
  <div class="checks">
    {props.choices.map((choice) => (
      <label class="check">
        <input
          type="checkbox"
          name={props.name}
          value={choice.value}
          checked={listOf(props.value).includes(choice.value)}
        />{' '}
        {choice.label}
      </label>
    ))}
  </div>
)

const LinesControl = (props: ControlProps) => (
  <textarea {...shared(props)} rows={3} spellcheck={false}>
    {Array.isArray(props.value) ? listOf(props.value).join('\n') : text(props.value)}
  </textarea>
)

const JsonControl = (props: ControlProps) => (
  <textarea {...shared(props)} rows={6} spellcheck={false} class="code">
    {typeof props.value === 'string'
      ? props.value
      : JSON.stringify(props.value ?? {}, undefined, 2)}
  </textarea>
)
