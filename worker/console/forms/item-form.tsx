import type { Child } from 'hono/jsx'
import type { Problem } from '../../base/problem'
import { Field, problemsAt } from '../components/field'
import { ProblemSummary } from '../components/problems'
import { type FormField, nameOf } from './form-field'
import { valueAt } from './read-form'
import { groupSwitch, hasGroup, namesOf, type Section } from './section'

interface ItemFormProps {
  sections: Section[]
  /** What is stored, or what was just sent and is to be corrected. */
  item: Record<string, unknown>
  problems: Problem[]
  /** What tells whether the stored item is still the same when the form is sent. */
  was: string
  /** What was not done because of the problems, where that is not to save. */
  refusal?: string | undefined
  /** Buttons beside the one that saves. */
  children?: Child
}

interface PartProps {
  item: Record<string, unknown>
  problems: Problem[]
}

/** A form for one item, in sections, which posts to the page's own address. */
export const ItemForm = ({ sections, item, problems, was, refusal, children }: ItemFormProps) => (
  <form method="post" class="form">
    <input type="hidden" name="was" value={was} />
    <ProblemSummary problems={problems} names={['id', ...namesOf(sections)]} title={refusal} />
    {sections.map((section) => (
      <Part section={section} item={item} problems={problems} />
    ))}
    <Field field={noteField} value={undefined} problems={[]} />
    <div class="actions">
      <button type="submit">Save</button>
      {children}
      <Insisting problems={problems} />
    </div>
  </form>
)

const noteField: FormField = {
  path: ['note'],
  row: {
    type: 'text',
    label: 'Note',
    help: 'Kept with this change in the history, for those who come after you.',
  },
}

// What a person may decide after having read what speaks against it.
const Insisting = ({ problems }: { problems: Problem[] }) => {
  const has = (code: string): boolean => problems.some((problem) => problem.code === code)
  return (
    <>
      {has('verification_failed') ? (
        <button type="submit" class="quiet" name="verify" value="false">
          Save without verification
        </button>
      ) : null}
      {has('connection_not_empty') ? (
        <button type="submit" class="danger" name="discard" value="true">
          Save and discard what waits
        </button>
      ) : null}
    </>
  )
}

const isSet = ({ path }: FormField, item: Record<string, unknown>): boolean =>
  valueAt(item, path) !== undefined

const Part = ({ section, item, problems }: PartProps & { section: Section }) => {
  if (!section.isFolded) {
    return (
      <section class="panel">
        <h2>{section.title}</h2>
        <Inside section={section} item={item} problems={problems} />
      </section>
    )
  }
  const isWrong = section.fields.some((field) => problemsAt(problems, nameOf(field)).length > 0)
  const isOpen = isWrong || section.fields.some((field) => isSet(field, item))
  return (
    <details class="panel" open={isOpen}>
      <summary>{section.title}</summary>
      <div class="inside">
        <Inside section={section} item={item} problems={problems} />
      </div>
    </details>
  )
}

const Inside = ({ section, item, problems }: PartProps & { section: Section }) => {
  const { optional, fields, help } = section
  const inputs = fields.map((field) => (
    <Field field={field} value={valueAt(item, field.path)} problems={problems} />
  ))
  return (
    <>
      {help === undefined ? null : <p class="help">{help}</p>}
      {optional ? (
        <>
          <Field field={groupSwitch(optional)} value={hasGroup(section, item)} problems={[]} />
          <div class="inside" data-when={`on.${optional.path.join('.')}`}>
            {inputs}
          </div>
        </>
      ) : (
        inputs
      )}
    </>
  )
}
