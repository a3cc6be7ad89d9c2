import type { Child } from 'hono/jsx'
import type {
  ConnectionStatus,
  DeliveryHistory,
  DeadLetters as LettersPage,
} from '../../admin/answers/connections'
import { Badge } from '../components/badge'
import { bytesOf, counted, countOf } from '../components/count'
import { Notice } from '../components/notice'
import { durationOf, Time } from '../components/time'
import type { Session } from '../env'
import { Page } from '../layout'
import { DeadLetters } from './dead-letters'
import { History } from './history'
import { sumOf } from './summary'

interface ConnectionPageProps {
  session: Session
  status: ConnectionStatus
  history: DeliveryHistory
  letters: LettersPage
  /** Whether these are the newest dead letters. */
  isFirst: boolean
  now: number
  /** A notice of what was just done. */
  done: Child
}

const Figure = ({ label, children }: { label: string; children: Child }) => (
  <div>
    <dt>{label}</dt>
    <dd>{children}</dd>
  </div>
)

const Figures = ({ status, history, now }: Omit<ConnectionPageProps, 'session'>) => {
  const { waiting, dead_letters } = status
  const { delivered, failed } = sumOf(history)
  return (
    <dl class="figures">
      <Figure label="Waiting events">{countOf(waiting.events)}</Figure>
      <Figure label="Oldest waits for">
        {waiting.oldest_ms === null ? '–' : durationOf(now - waiting.oldest_ms)}
      </Figure>
      <Figure label="Delivered, 24 h">{countOf(delivered)}</Figure>
      <Figure label="Failed attempts, 24 h">{countOf(failed)}</Figure>
      <Figure label="Dead letters">{countOf(dead_letters.letters)}</Figure>
    </dl>
  )
}

const State = ({
  status,
  path,
  root,
}: {
  status: ConnectionStatus
  path: string
  root: string
}) => {
  const { id, state, last_error, next_attempt_ms, waiting, ledger, delivered } = status
  return (
    <section class="panel" aria-labelledby="state">
      <h2 id="state">State</h2>
      <dl class="facts">
        <Figure label="State">
          <Badge state={state} />
        </Figure>
        <Figure label="Next attempt">
          <Time ms={next_attempt_ms} />
        </Figure>
        <Figure label="Waiting">
          {counted(waiting.deliveries, 'delivery', 'deliveries')}, {bytesOf(waiting.bytes)}
        </Figure>
        <Figure label="In total">
          {counted(ledger.accepted, 'event')} accepted, {countOf(ledger.delivered)} delivered by{' '}
          {counted(delivered.requests, 'request')}, {countOf(ledger.dead)} dead
        </Figure>
      </dl>
      {last_error && (
        <Notice tone={state === 'ok' || state === 'paused' ? 'info' : 'bad'} title="Last error">
          <p>
            {last_error.reason} <Time ms={last_error.at_ms} />
          </p>
        </Notice>
      )}
      <div class="actions">
        <form method="post" action={`${path}/retry`}>
          <button type="submit" class="quiet">
            Try now
          </button>
        </form>
        <a class="button quiet" href={`${root}/connections/${id}`}>
          Settings
        </a>
      </div>
    </section>
  )
}

/** The deliveries of one connection: status, history, dead letters. */
export const ConnectionPage = (props: ConnectionPageProps) => {
  const { session, status, history, letters, isFirst, done } = props
  const path = `${session.root}/deliveries/${status.id}`
  return (
    <Page
      title={`Deliveries of ${status.id}`}
      active="deliveries"
      session={session}
      scripts={['charts']}
    >
      {done}
      <Figures {...props} />
      <State status={status} path={path} root={session.root} />
      <History history={history} />
      <DeadLetters
        path={path}
        count={status.dead_letters.letters}
        page={letters}
        isFirst={isFirst}
      />
    </Page>
  )
}
