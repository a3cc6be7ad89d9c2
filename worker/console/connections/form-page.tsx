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
  /** The stored connection and its status; undefined for a new one. */
  stored?: { connection: Connection; status: ConnectionStatus } | undefined
  /** Whether it was just tried out, not saved. */
  isTried?: boolean
  /** Why an action other than saving failed. */
  refused?: Problem[]
}

const Tried = () => (
  <Notice tone="good" title="The output accepted the test.">
    <p>Nothing was saved. Only a first delivery can show whether all permissions are sufficient.</p>
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
