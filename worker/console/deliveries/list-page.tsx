import type { ConnectionStatus, DeliveryHistory } from '../../admin/answers/connections'
import { Badge } from '../components/badge'
import { countOf } from '../components/count'
import { Empty } from '../components/notice'
import { Table } from '../components/table'
import { durationOf, Time } from '../components/time'
import type { Session } from '../env'
import { Page } from '../layout'
import { sumOf } from './summary'

interface ListPageProps {
  session: Session
  connections: { status: ConnectionStatus; history: DeliveryHistory }[]
  now: number
}

const columns = [
  'Connection',
  'State',
  'Waiting events',
  'Oldest',
  'Next attempt',
  'Delivered, 24 h',
  'Failed, 24 h',
  'Dead letters',
]

/** The status of deliveries, by connection. */
export const ListPage = ({ session, connections, now }: ListPageProps) => (
  <Page title="Deliveries" active="deliveries" session={session}>
    {connections.length === 0 ? (
      <Empty>
        There is no connection yet. <a href={`${session.root}/connections`}>Connections</a> bring
        events to outputs.
      </Empty>
    ) : (
      <Table
        label="Deliveries by connection"
        columns={columns}
        rows={connections.map(({ status, history }) => {
          const { id, state, waiting, next_attempt_ms, dead_letters } = status
          const { delivered, failed } = sumOf(history)
          return [
            <a href={`${session.root}/deliveries/${id}`}>{id}</a>,
            <Badge state={state} />,
            countOf(waiting.events),
            waiting.oldest_ms === null ? '–' : durationOf(now - waiting.oldest_ms),
            <Time ms={next_attempt_ms} />,
            countOf(delivered),
            countOf(failed),
            dead_letters.letters === 0 ? (
              '0'
            ) : (
              <a href={`${session.root}/deliveries/${id}#dead-letters`}>
                {countOf(dead_letters.letters)}
              </a>
            ),
          ]
        })}
      />
    )}
  </Page>
)
