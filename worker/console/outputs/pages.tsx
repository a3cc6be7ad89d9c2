import type { Authorization } from '../../admin/answers/outputs'
import type { Problem } from '../../base/problem'
import type { Connection, Output } from '../../config/workspace-file'
import { outputKinds } from '../../outputs'
import { Done } from '../components/done'
import { Empty } from '../components/notice'
import { Table } from '../components/table'
import type { ConsoleContext } from '../env'
import { ItemForm } from '../forms/item-form'
import { formMark } from '../forms/was'
import { Page } from '../layout'
import { AuthorizationPanel, RefusedNotice } from './authorization'
import { outputSections } from './fields'
import { RegistrationPanel } from './registration'

interface OutputListProps {
  context: ConsoleContext
  outputs: Output[]
  connections: Connection[]
}

export const OutputList = ({ context, outputs, connections }: OutputListProps) => {
  const { session } = context.var
  const path = `${session.root}/outputs`
  const connectionsTo = (id: string) => connections.filter((connection) => connection.output === id)
  return (
    <Page title="Outputs" active="outputs" session={session}>
      <Done context={context} />
      {outputs.length === 0 ? (
        <Empty>
          <p>
            An output is a place where events go, with credentials for it: an AWS account with
            queues or buckets, or an integration.
          </p>
        </Empty>
      ) : (
        <Table
          label="Outputs"
          columns={['Output', 'Name', 'Kind', 'Connections']}
          rows={outputs.map(({ id, name, kind }) => [
            <a href={`${path}/${id}`}>{id}</a>,
            name || '–',
            outputKinds[kind].label,
            connectionsTo(id).map((connection, i) => (
              <>
                {i === 0 ? '' : ', '}
                <a href={`${session.root}/connections/${connection.id}`}>{connection.id}</a>
              </>
            )),
          ])}
        />
      )}
      <section class="panel">
        <h2>Add an output</h2>
        <div class="actions">
          {Object.entries(outputKinds).map(([kind, { label }]) => (
            <a class="button quiet" href={`${path}/new/${kind}`}>
              {label}
            </a>
          ))}
        </div>
      </section>
    </Page>
  )
}

interface OutputFormProps {
  context: ConsoleContext
  item: Record<string, unknown>
  kind: Output['kind']
  problems: Problem[]
  stored?: Output | undefined
  authorization?: Authorization | undefined
  /** Why an action other than saving failed. */
  refused?: Problem[]
}

export const OutputForm = (props: OutputFormProps) => {
  const { context, item, kind, problems, stored, authorization, refused = [] } = props
  const { session } = context.var
  const list = `${session.root}/outputs`
  const path = `${list}/${stored?.id ?? ''}`
  const title = stored ? `Output ${stored.id}` : `New output: ${outputKinds[kind].label}`
  return (
    <Page title={title} active="outputs" session={session}>
      <Done context={context} />
      <RefusedNotice problems={refused} />
      {authorization ? <AuthorizationPanel of={authorization} path={path} /> : null}
      {stored?.registration ? (
        <RegistrationPanel registration={stored.registration} path={path} />
      ) : null}
      <ItemForm
        sections={outputSections(kind, stored === undefined)}
        item={item}
        problems={problems}
        was={formMark(context, stored)}
      >
        {stored ? (
          <a class="button danger" href={`${path}/delete`}>
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
