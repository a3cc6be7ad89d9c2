import type { ConnectionStatus } from '../../admin/answers/connections'
import type { Connection } from '../../config/workspace-file'
import { Badge } from '../components/badge'
import { countOf } from '../components/count'
import { Done } from '../components/done'
import { Empty } from '../components/notice'
import { Table } from '../components/table'
import { Time } from '../components/time'
import type { ConsoleContext } from '../env'
import { Page } from '../layout'

interface ConnectionListProps {
  context: ConsoleContext
  connections: Connection[]
  statuses: ConnectionStatus[]
}

export const ConnectionList = ({ context, connections, statuses }: ConnectionListProps) => {
  const { session } = context.var
  const path = `${session.root}/connections`
  const add = (
    <a class="button" href={`${path}/new`}>
      Add a connection
    </a>
  )
  const rowOf = (connection: Connection) => {
    const status = statuses.find(({ id }) => id === connection.id)
    return [
      <a href={`${path}/${connection.id}`}>{connection.id}</a>,
      connection.input ?? connection.audiences?.join(', '),
      connection.output,
      status ? <Badge state={status.state} /> : '–',
      countOf(status?.waiting.events ?? 0),
      <Time ms={status?.waiting.oldest_ms} />,
      status?.last_error?.reason ?? '–',
    ]
  }
  return (
    <Page title="Connections" active="connections" session={session}>
      <Done context={context} />
      {connections.length === 0 ? (
        <Empty>
          <p>
            A connection leads from an input, or from audiences, to an output. There is none yet.
          </p>
          {add}
        </Empty>
      ) : (
        <>
          <div class="actions">{add}</div>
          <Table
            label="Connections"
            columns={['Connection', 'From', 'To', 'State', 'Waiting', 'Oldest', 'Last error']}
            rows={connections.map(rowOf)}
          />
        </>
      )}
    </Page>
  )
}
