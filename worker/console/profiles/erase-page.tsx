import type { Erasure, Found } from '../../admin/answers/profiles'
import { counted, countOf } from '../components/count'
import { Notice } from '../components/notice'
import { Table } from '../components/table'
import type { Session } from '../env'
import { Page } from '../layout'
import type { ProfileFacts } from './facts'

interface EraseProps {
  session: Session
  profile: ProfileFacts
  /** Other profiles with the same identities. */
  others: Found['profiles']
}

/** Lists what an erasure deletes, and asks for confirmation. */
export const ErasePage = ({ session, profile, others }: EraseProps) => {
  const { mpid, attributes, identities, consent, memberships, waiting_events, open_windows } =
    profile
  return (
    <Page title={`Erase profile ${mpid}`} active="profiles" session={session}>
      <Notice tone="warn" title="This cannot be undone. These will be deleted:">
        <ul>
          <li>{counted(attributes.length, 'attribute')}</li>
          <li>
            {counted(identities.length, 'identity', 'identities')}
            {identities.length === 0
              ? ''
              : `: ${identities.map((identity) => identity.type).join(', ')}`}
          </li>
          <li>{counted(consent.length, 'consent')}</li>
          <li>
            {counted(memberships.length, 'membership')} of audiences, without a message that the
            user left
          </li>
          <li>
            {open_windows === 0 && waiting_events.length === 0
              ? 'no events: none are waiting'
              : `all events that wait until ${counted(open_windows, 'window')} of gathering ${open_windows === 1 ? 'ends' : 'end'}`}
          </li>
          <li>deliveries that wait in the outboxes of all connections, and dead letters</li>
        </ul>
        <p>
          What was delivered to queues, buckets and integrations is not deleted there; integrations
          that support erasure requests are sent one.
        </p>
      </Notice>
      <form method="post" class="panel">
        {others.length === 0 ? null : (
          <>
            <label class="check">
              <input type="checkbox" name="others" value="on" /> Also erase the{' '}
              {counted(others.length, 'other profile')} known by the same identities
            </label>
            <ul>
              {others.map((other) => (
                <li>
                  <a href={`${session.root}/profiles/${other.mpid}`}>{other.mpid}</a>
                </li>
              ))}
            </ul>
          </>
        )}
        <div class="field">
          <label for="regulation">Regulation in requests to integrations</label>
          <select id="regulation" name="regulation">
            <option value="unknown">unknown</option>
            <option value="gdpr">gdpr</option>
            <option value="ccpa">ccpa</option>
          </select>
        </div>
        <div class="actions">
          <button type="submit" class="danger">
            Erase
          </button>
          <a class="button quiet" href={`${session.root}/profiles/${mpid}`}>
            Cancel
          </a>
        </div>
      </form>
    </Page>
  )
}

/** What an erasure has deleted. */
export const ErasedPage = ({ session, erasure }: { session: Session; erasure: Erasure }) => (
  <Page title="Erased" active="profiles" session={session}>
    <Notice tone="good" title="The user was erased.">
      {erasure.more ? (
        <p>There are more profiles than one erasure handles. Erase again for the others.</p>
      ) : null}
    </Notice>
    <Table
      label="What was erased"
      columns={['mpid', 'Profile', 'Uploads waiting', 'Deliveries waiting', 'Dead letters']}
      rows={erasure.erased.map(({ mpid, profile, uploads, deliveries, dead_letters }) => [
        mpid,
        profile ? 'deleted' : 'did not exist',
        countOf(uploads),
        countOf(deliveries),
        countOf(dead_letters),
      ])}
    />
    <p>
      <a href={`${session.root}/profiles`}>To the look-up</a>
    </p>
  </Page>
)
