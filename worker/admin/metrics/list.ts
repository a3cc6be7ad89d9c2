import type { Metric, Sample } from '../../metrics/exposition'
import type { Counts } from '../../rates/tally'
import { type ConnectionStatus, connectionStates } from '../answers/connections'

/** What metrics are made of, without the objects that did not answer, which are counted. */
export interface Measured {
  now: number
  version: number
  connections: ConnectionStatus[]
  inputs: { id: string; counts: Counts }[]
  rejected: number | undefined
  profiles: number | undefined
  audiences: { id: string; size: number }[]
  unanswered: number
}

type OfConnection = (status: ConnectionStatus) => number

const ofConnections = (
  { connections }: Measured,
  metric: Pick<Metric, 'name' | 'help' | 'type'>,
  value: OfConnection
): Metric => ({
  ...metric,
  samples: connections.map((connection) => ({
    labels: { connection: connection.id },
    value: value(connection),
  })),
})

const single = (
  metric: Pick<Metric, 'name' | 'help' | 'type'>,
  value: number | undefined
): Metric => ({ ...metric, samples: value === undefined ? [] : [{ value }] })

const counter = (name: string, help: string) => ({ name, help, type: 'counter' as const })
const gauge = (name: string, help: string) => ({ name, help, type: 'gauge' as const })

const filtered = ({ id, ledger }: ConnectionStatus): Sample[] =>
  Object.entries(ledger.filtered).map(([setting, value]) => ({
    labels: { connection: id, setting },
    value,
  }))

const stateOf = ({ id, state }: ConnectionStatus): Sample[] =>
  connectionStates.map((label) => ({
    labels: { connection: id, state: label },
    value: label === state ? 1 : 0,
  }))

const lagSeconds = ({ waiting }: ConnectionStatus, now: number): number =>
  waiting.oldest_ms === null ? 0 : Math.max(0, (now - waiting.oldest_ms) / 1000)

const eventMetrics = (all: Measured): Metric[] => [
  ofConnections(
    all,
    counter('weir_events_accepted_total', 'Events that came in for a connection.'),
    ({ ledger }) => ledger.accepted
  ),
  ofConnections(
    all,
    counter('weir_events_delivered_total', 'Events that the output accepted.'),
    ({ ledger }) => ledger.delivered
  ),
  {
    ...counter('weir_events_filtered_total', 'Events left out, by the setting that left them out.'),
    samples: all.connections.flatMap(filtered),
  },
  ofConnections(
    all,
    counter('weir_deliveries_total', 'Messages or lines that the output accepted.'),
    ({ delivered }) => delivered.deliveries
  ),
  ofConnections(
    all,
    counter('weir_requests_total', 'Requests that delivered something.'),
    ({ delivered }) => delivered.requests
  ),
  // Replaying dead letters lowers it, so it is not a counter.
  ofConnections(
    all,
    gauge('weir_dead_events', 'Events in dead letters, stored or deleted.'),
    ({ ledger }) => ledger.dead
  ),
]

const stateMetrics = (all: Measured): Metric[] => [
  ofConnections(
    all,
    gauge('weir_dead_letters', 'Dead letters that are stored.'),
    ({ dead_letters }) => dead_letters.letters
  ),
  ofConnections(
    all,
    gauge('weir_waiting_events', 'Events that wait for their delivery.'),
    ({ waiting }) => waiting.events
  ),
  ofConnections(
    all,
    gauge('weir_waiting_deliveries', 'Messages or lines that wait.'),
    ({ waiting }) => waiting.deliveries
  ),
  ofConnections(
    all,
    gauge('weir_waiting_bytes', 'The bytes of what waits.'),
    ({ waiting }) => waiting.bytes
  ),
  ofConnections(
    all,
    gauge('weir_lag_seconds', 'The age of what waits longest, 0 when nothing waits.'),
    (status) => lagSeconds(status, all.now)
  ),
  {
    ...gauge('weir_connection_state', 'The state of a connection: 1 at the one that it is in.'),
    samples: all.connections.flatMap(stateOf),
  },
]

const inputMetrics = ({ inputs }: Measured): Metric => ({
  ...counter(
    'weir_input_counted_total',
    'What an input dropped, flagged or refused: requests or events, as the label says.'
  ),
  samples: inputs.flatMap(({ id, counts }) =>
    Object.entries(counts).map(([what, value]) => ({ labels: { input: id, what }, value }))
  ),
})

/** The metrics of a deployment. Dashboards and alerts depend on their names. */
export const metricList = (all: Measured): Metric[] => [
  ...eventMetrics(all),
  ...stateMetrics(all),
  inputMetrics(all),
  single(
    counter('weir_rejected_total', 'Events and bodies that inputs could not understand.'),
    all.rejected
  ),
  single(gauge('weir_profiles', 'Profiles that exist.'), all.profiles),
  {
    ...gauge('weir_audience_size', 'Profiles inside an audience.'),
    samples: all.audiences.map(({ id, size }) => ({ labels: { audience: id }, value: size })),
  },
  single(gauge('weir_workspace_version', 'The version of the workspace in force.'), all.version),
  single(
    gauge('weir_unanswered', 'Objects that did not answer, so that their samples are missing.'),
    all.unanswered
  ),
]
