import type { ConnectionStatus } from '../../admin/answers/connections'
import type { Connection } from '../../config/workspace-file'
import { Badge } from '../components/badge'
import { bytesOf, counted, countOf } from '../components/count'
import { Time } from '../components/time'

interface StatusPanelProps {
  connection: Connection
  status: ConnectionStatus
  root: string
}

/** The status of a connection, with actions. */
export const StatusPanel = ({ connection, status, root }: StatusPanelProps) => {
  const { waiting, dead_letters, last_error, ledger } = status
  const filtered = Object.values(ledger.filtered).reduce((sum, count) => sum + count, 0)
  return (
    <section class="panel">
      <h2>
        State <Badge state={status.state} />
      </h2>
      <dl class="facts">
        <div>
          <dt>Delivered</dt>
          <dd>
            {`${countOf(ledger.delivered)} of ${counted(ledger.accepted, 'event')}`}
            {filtered === 0 ? null : `; ${countOf(filtered)} left out by settings`}
          </dd>
        </div>
        <div>
          <dt>Waiting</dt>
          <dd>
            {`${counted(waiting.events, 'event')}, ${bytesOf(waiting.bytes)}`}
            {waiting.oldest_ms === null ? null : (
              <>
                , since <Time ms={waiting.oldest_ms} />
              </>
            )}
          </dd>
        </div>
        {status.next_attempt_ms === null ? null : (
          <div>
            <dt>Next attempt</dt>
            <dd>
              <Time ms={status.next_attempt_ms} />
            </dd>
          </div>
        )}
        <div>
          <dt>Dead letters</dt>
          <dd>{countOf(dead_letters.letters)}</dd>
        </div>
        {!last_error ? null : (
          <div>
            <dt>Last error</dt>
            <dd>
              <Time ms={last_error.at_ms} />: {last_error.reason}
            </dd>
          </div>
        )}
      </dl>
      <StatusActions connection={connection} state={status.state} root={root} />
    </section>
  )
}

interface ActionsProps {
  connection: Connection
  state: ConnectionStatus['state']
  root: string
}

const StatusActions = ({ connection: { id, enabled }, state, root }: ActionsProps) => {
  const path = `${root}/connections/${id}`
  return (
    <div class="actions">
      <form method="post" action={`${path}/${enabled ? 'disable' : 'enable'}`}>
        <button type="submit" class="quiet">
          {enabled ? 'Disable' : 'Enable'}
        </button>
      </form>
      {state === 'retrying' || state === 'failing' ? (
        <form method="post" action={`${path}/retry`}>
          <button type="submit" class="quiet">
            Try again now
          </button>
        </form>
      ) : null}
      {state === 'suspended' ? (
        <form method="post" action={`${path}/resume`}>
          <button type="submit" class="quiet">
            Resume
          </button>
        </form>
      ) : null}
      <a class="button quiet" href={`${root}/deliveries/${id}`}>
        Deliveries
      </a>
    </div>
  )
}
