import type { ConnectionStatus, DeliveryHistory } from '../../admin/answers/connections'
import type { WorkspaceFile } from '../../config/workspace-file'
import { Badge } from '../components/badge'
import { countOf } from '../components/count'
import { Empty, Notice } from '../components/notice'
import { Table } from '../components/table'
import { Time } from '../components/time'
import type { Session } from '../env'
import { Page } from '../layout'
import { Flow } from './flow'
import { deliveredPerMinute, rateOf } from './rate'
import { planFlow } from './slots'

export interface OverviewProps {
  session: Session
  workspace: WorkspaceFile
  statuses: ConnectionStatus[]
  histories: DeliveryHistory[]
  profiles: number
  rejected: number
}

export const OverviewPage = (props: OverviewProps) => {
  const { session, workspace, statuses, histories } = props
  const { inputs, outputs } = workspace
  const rates = new Map(histories.map((history) => [history.id, deliveredPerMinute(history)]))
  const shown = { outputs, statuses, rates, root: session.root }
  return (
    <Page title="Overview" active="overview" session={session}>
      {inputs.length + outputs.length === 0 ? (
        <Welcome root={session.root} />
      ) : (
        <>
          <Attention statuses={statuses} root={session.root} />
          <Figures {...props} rates={rates} />
          <section class="panel">
            <h2>Flow</h2>
            <Flow plan={planFlow(workspace)} {...shown} />
          </section>
        </>
      )}
    </Page>
  )
}

const Welcome = ({ root }: { root: string }) => (
  <Empty>
    <p>
      Nothing is set up yet. An input receives events, an output is where they go, and a connection
      leads from one to the other.
    </p>
    <a class="button" href={`${root}/inputs/new`}>
      Add an input
    </a>
  </Empty>
)

const Figures = (props: OverviewProps & { rates: Map<string, number> }) => {
  const { statuses, profiles, rejected, rates, session } = props
  const sum = (count: (status: ConnectionStatus) => number): string =>
    countOf(statuses.reduce((all, status) => all + count(status), 0))
  const perMinute = [...rates.values()].reduce((all, rate) => all + rate, 0)
  return (
    <dl class="figures">
      <div>
        <dt>Delivered per minute</dt>
        <dd>{rateOf(perMinute)}</dd>
      </div>
      <div>
        <dt>Events waiting</dt>
        <dd>{sum(({ waiting }) => waiting.events)}</dd>
      </div>
      <div>
        <dt>Dead letters</dt>
        <dd>{sum(({ dead_letters }) => dead_letters.letters)}</dd>
      </div>
      <div>
        <dt>Rejected in all</dt>
        <dd>
          <a href={`${session.root}/rejected`}>{countOf(rejected)}</a>
        </dd>
      </div>
      <div>
        <dt>Profiles</dt>
        <dd>{countOf(profiles)}</dd>
      </div>
    </dl>
  )
}

const isTroubled = ({ state, dead_letters }: ConnectionStatus): boolean =>
  (state !== 'ok' && state !== 'paused') || dead_letters.letters > 0

/** Connections that fail, retry or have dead letters. */
const Attention = ({ statuses, root }: { statuses: ConnectionStatus[]; root: string }) => {
  const troubled = statuses.filter(isTroubled)
  if (statuses.length === 0) return null
  if (troubled.length === 0) return <Notice tone="good">All connections are well.</Notice>
  return (
    <section class="part" aria-labelledby="attention">
      <h2 id="attention">Needs attention</h2>
      <Table
        label="Connections that need attention"
        columns={['Connection', 'State', 'Waiting', 'Oldest', 'Dead letters', 'Last error']}
        rows={troubled.map(({ id, state, waiting, dead_letters, last_error }) => [
          <a href={`${root}/connections/${id}`}>{id}</a>,
          <Badge state={state} />,
          countOf(waiting.events),
          <Time ms={waiting.oldest_ms} />,
          dead_letters.letters === 0 ? (
            '0'
          ) : (
            <a href={`${root}/deliveries/${id}`}>{countOf(dead_letters.letters)}</a>
          ),
          last_error?.reason ?? '–',
        ])}
      />
    </section>
  )
}
