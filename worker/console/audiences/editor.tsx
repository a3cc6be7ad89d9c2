import type { Child } from 'hono/jsx'
import type { Preview } from '../../admin/answers/audiences'
import type { Problem } from '../../base/problem'
import { Field } from '../components/field'
import { ProblemSummary } from '../components/problems'
import { nameOf } from '../forms/form-field'
import { type Sent, valueAt } from '../forms/read-form'
import { markOf } from '../forms/was'
import { audienceFields, examples, idField, noteField, tryFields } from './fields'
import { objectIn } from './sent-audience'
import { Verdict } from './verdict'

export interface EditorProps {
  /** The stored audience, or the one just sent that is to be corrected. */
  item: Record<string, unknown>
  isNew: boolean
  problems: Problem[]
  /** The sent form, for fields that are not part of the audience. */
  sent: Sent
  /** The result of a dry run. */
  preview?: Preview | undefined
  /** Links beside the buttons. */
  children?: Child
}

const Examples = () => (
  <details>
    <summary>Examples of rules</summary>
    <div class="inside">
      {examples.map(({ title, rule }) => (
        <>
          <h3>{title}</h3>
          <pre class="code" tabindex={0}>
            {JSON.stringify(rule, undefined, 2)}
          </pre>
        </>
      ))}
    </div>
  </details>
)

const TryOut = ({ sent, problems }: Pick<EditorProps, 'sent' | 'problems'>) => (
  <section class="panel" aria-labelledby="try">
    <h2 id="try">Try it out</h2>
    <p class="help">Whether the rule above would put a user inside. Nothing is saved or sent.</p>
    {tryFields.map((field) => {
      const name = nameOf(field)
      const value = field.row.type === 'values' ? objectIn(sent, name).value : sent[name]?.[0]
      return <Field field={field} value={value} problems={problems} />
    })}
    <div class="actions">
      <button type="submit" name="action" value="try" class="quiet">
        Dry run
      </button>
    </div>
  </section>
)

/** The form of an audience. */
export const Editor = ({ item, isNew, problems, sent, preview, children }: EditorProps) => {
  const fields = [...(isNew ? [idField] : []), ...audienceFields]
  return (
    <>
      <ProblemSummary problems={problems} names={[...fields, ...tryFields].map(nameOf)} />
      {preview ? <Verdict preview={preview} /> : null}
      <form method="post" class="form">
        <input type="hidden" name="was" value={isNew ? '' : (sent.was?.[0] ?? markOf(item))} />
        <section class="panel" aria-labelledby="audience">
          <h2 id="audience">Audience</h2>
          {fields.map((field) => (
            <Field field={field} value={valueAt(item, field.path)} problems={problems} />
          ))}
          <Examples />
          <Field field={noteField} value={sent.note?.[0]} problems={[]} />
          <div class="actions">
            <button type="submit" name="action" value="save">
              Save
            </button>
            {children}
          </div>
        </section>
        <TryOut sent={sent} problems={problems} />
      </form>
    </>
  )
}
