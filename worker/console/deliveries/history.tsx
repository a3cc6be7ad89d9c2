import type { DeliveryHistory } from '../../admin/answers/connections'
import { countOf } from '../components/count'
import { Table } from '../components/table'
import { type ChartData, chartOf, hoursOf } from './summary'

const Chart = ({ title, data }: { title: string; data: ChartData }) => (
  <figure class="chart" data-chart={JSON.stringify(data)}>
    <figcaption>{title}</figcaption>
  </figure>
)

const columns = ['Hour (UTC)', 'Events delivered', 'Requests', 'Failed attempts', 'Dead events']

/** The last 24 hours of a connection as charts and as a table. */
export const History = ({ history }: { history: DeliveryHistory }) => {
  const hours = hoursOf(history)
  const delivered = chartOf(history, [{ label: 'Events', tone: 1, count: 'delivered' }])
  const failed = chartOf(history, [
    { label: 'Failed attempts', tone: 2, count: 'failed' },
    { label: 'Dead events', tone: 3, count: 'dead' },
  ])
  return (
    <section class="panel" aria-labelledby="history">
      <h2 id="history">Last 24 hours</h2>
      {hours.length === 0 ? (
        <p class="soft">Nothing was delivered or tried in the last 24 hours.</p>
      ) : (
        <>
          <div class="charts">
            <Chart title="Events delivered, by five minutes" data={delivered} />
            <Chart title="Failed attempts and dead events, by five minutes" data={failed} />
          </div>
          <details>
            <summary>The same as a table, by hour</summary>
            <Table
              label="Deliveries of the last 24 hours, by hour"
              columns={columns}
              rows={hours.map((hour) => [
                new Date(hour.at_ms).toISOString().slice(0, 16).replace('T', ' '),
                countOf(hour.delivered),
                countOf(hour.requests),
                countOf(hour.failed),
                countOf(hour.dead),
              ])}
            />
          </details>
        </>
      )}
    </section>
  )
}
