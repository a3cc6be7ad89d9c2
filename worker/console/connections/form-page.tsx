import type { ConnectionStatus } from '../../admin/answers/connections'
import type { Problem } from '../../base/problem'
import type { Connection } from '../../config/workspace-file'
import { Done } from '../components/done'
import { Notice } from '../components/notice'
import type { ConsoleContext } from '../env'
import { ItemForm } from '../forms/item-form'
import type { Section } from '../forms/section'
import { formMark } from '../forms/was'
import { Page } from '../layout'
import { RefusedNotice } from '../outputs/authorization'
import type { Kind } from './fields'
import { StatusPanel } from './status-panel'

export interface ConnectionFormProps {
  context: ConsoleContext
  sections: Section[]
  item: Record<string, unknown>
  kind: Kind
  problems?: Problem[]
  /** As it is stored, and how it does. */
  stored?: { connection: Connection; status: ConnectionStatus } | undefined
  /** Whether it was tried out just now, rather than saved. */
  isTried?: boolean
  /** Of something else than the form that was tried. */
  refused?: Problem[]
}

const Tried = () => (
  <Notice tone="good" title="The output took it.">
    <p>Nothing was saved. Whether rights suffice to deliver, the first delivery will tell.</p>
  </Notice>
)

export const ConnectionForm = (props: ConnectionFormProps) => {
  const { context, sections, item, kind, problems = [], stored, isTried, refused = [] } = props
  const { session } = context.var
  const list = `${session.root}/connections`
  const id = stored?.connection.id
  return (
    <Page title={id ? `Connection ${id}` : 'New connection'} active="connections" session={session}>
      <Done context={context} />
      <RefusedNotice problems={refused} />
      {isTried && problems.length === 0 ? <Tried /> : null}
      {stored ? <StatusPanel {...stored} root={session.root} /> : null}
      <p>
        To output <a href={`${session.root}/outputs/${kind.output.id}`}>{kind.output.id}</a>
      </p>
      <ItemForm
        {...{ sections, item, problems }}
        was={formMark(context, stored?.connection)}
        refusal={isTried ? 'The test did not pass.' : undefined}
      >
        <button type="submit" class="quiet" name="test" value="true">
          Test
        </button>
        {id ? (
          <a class="button danger" href={`${list}/${id}/delete`}>
            Delete
          </a>
        ) : null}
        <a class="button quiet" href={list}>
          Cancel
        </a>
      </ItemForm>
    </Page>
  )
}
