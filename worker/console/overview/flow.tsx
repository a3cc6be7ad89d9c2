import type { ConnectionStatus } from '../../admin/answers/connections'
import type { Connection, Output } from '../../config/workspace-file'
import { outputKinds } from '../../outputs'
import { Badge } from '../components/badge'
import { countOf } from '../components/count'
import { rateOf } from './rate'
import type { FlowPlan, Source } from './slots'

// In px; the same numbers are in `page/flow.css`.
const boxHeight = 76
const rowHeight = 88

const middle = (row: number): number => row * rowHeight + boxHeight / 2

/** Lines between two columns of boxes. The boxes say the same as text. */
const Lines = ({ lines, rows }: { lines: [number, number][]; rows: number }) => (
  <svg
    class="lines"
    viewBox={`0 0 100 ${rows * rowHeight}`}
    preserveAspectRatio="none"
    height={rows * rowHeight}
    aria-hidden="true"
  >
    {lines.map(([from, to]) => (
      <path
        d={`M0 ${middle(from)}C50 ${middle(from)} 50 ${middle(to)} 100 ${middle(to)}`}
        vector-effect="non-scaling-stroke"
      />
    ))}
  </svg>
)

export interface FlowProps {
  plan: FlowPlan
  outputs: Output[]
  statuses: ConnectionStatus[]
  /** Events per minute by connection. */
  rates: Map<string, number>
  root: string
}

const sourcePlace = ({ kind, id }: Source, root: string): string =>
  `${root}/${kind === 'input' ? 'inputs' : 'audiences'}/${id}`

const fedBy = ({ input, audiences = [] }: Connection): string =>
  input ?? `audiences ${audiences.join(', ')}`

/** Sources, connections and outputs as boxes with lines between them. */
export const Flow = ({ plan, outputs, statuses, rates, root }: FlowProps) => (
  <div class="flow">
    <div class="lane">
      <h3>From</h3>
      <ul>
        {plan.sources.map((source) =>
          source ? (
            <li class="box">
              <a href={sourcePlace(source, root)}>{source.id}</a>
              <span class="soft">{source.kind === 'input' ? 'Input' : 'Audience'}</span>
            </li>
          ) : (
            <li class="gap" aria-hidden="true" />
          )
        )}
      </ul>
    </div>
    <Lines lines={plan.into} rows={plan.rows} />
    <div class="lane wide">
      <h3>Connections</h3>
      <ul>
        {plan.connections.map((connection) => (
          <ConnectionBox
            connection={connection}
            status={statuses.find(({ id }) => id === connection.id)}
            rate={rates.get(connection.id) ?? 0}
            root={root}
          />
        ))}
      </ul>
    </div>
    <Lines lines={plan.outOf} rows={plan.rows} />
    <div class="lane">
      <h3>To</h3>
      <ul>
        {plan.outputs.map((id) => (
          <OutputBox output={outputs.find((output) => output.id === id)} root={root} />
        ))}
      </ul>
    </div>
  </div>
)

interface ConnectionBoxProps {
  connection: Connection
  status: ConnectionStatus | undefined
  rate: number
  root: string
}

const ConnectionBox = ({ connection, status, rate, root }: ConnectionBoxProps) => {
  const waiting = status?.waiting.events ?? 0
  return (
    <li class="box">
      <span class="line">
        <a href={`${root}/connections/${connection.id}`}>{connection.id}</a>
        {status ? <Badge state={status.state} /> : null}
      </span>
      <span class="soft">
        <span class="way">{`${fedBy(connection)} to ${connection.output}, `}</span>
        {`${rateOf(rate)} events/min`}
        {waiting === 0 ? null : `, ${countOf(waiting)} waiting`}
      </span>
    </li>
  )
}

const OutputBox = ({ output, root }: { output: Output | undefined; root: string }) =>
  output ? (
    <li class="box">
      <a href={`${root}/outputs/${output.id}`}>{output.id}</a>
      <span class="soft">{outputKinds[output.kind].label}</span>
    </li>
  ) : (
    <li class="gap" aria-hidden="true" />
  )
