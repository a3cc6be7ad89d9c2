import type { Erasure, Found } from '../../admin/answers/profiles'
import { countOf } from '../components/count'
import { Notice } from '../components/notice'
import { Table } from '../components/table'
import type { Session } from '../env'
import { Page } from '../layout'
import type { ProfileFacts } from './facts'

const counted = (count: number, one: string, more: string): string =>
  `${countOf(count)} ${count === 1 ? one : more}`

interface EraseProps {
  session: Session
  profile: ProfileFacts
  /** Other profiles that are known by the same identities. */
  others: Found['profiles']
}

/** Names what an erasure deletes, and asks once more. */
export const ErasePage = ({ session, profile, others }: EraseProps) => {
  const { mpid, attributes, identities, consent, memberships, waiting_events, open_windows } =
    profile
  return (
    <Page title={`Erase profile ${mpid}`} active="profiles" session={session}>
      <Notice tone="warn" title="This cannot be undone. These will be deleted:">
        <ul>
          <li>{counted(attributes.length, 'attribute', 'attributes')}</li>
          <li>
            {counted(identities.length, 'identity', 'identities')}
            {identities.length === 0 ? '' : `: ${identities.map((one) => one.type).join(', ')}`}
          </li>
          <li>{counted(consent.length, 'consent', 'consents')}</li>
          <li>
            {counted(memberships.length, 'membership', 'memberships')} of audiences, without a
            message that the user left
          </li>
          <li>
            {open_windows === 0 && waiting_events.length === 0
              ? 'no events: none wait for a window to end'
              : `all events that wait for ${counted(open_windows, 'window', 'windows')} to end`}
          </li>
          <li>what waits for delivery in the outboxes of all connections, and dead letters</li>
        </ul>
        <p>
          What was delivered lies in queues, buckets and integrations, and is not touched there;
          integrations that take erasure requests are sent one.
        </p>
      </Notice>
      <form method="post" class="panel">
        {others.length === 0 ? null : (
          <>
            <label class="check">
              <input type="checkbox" name="others" value="on" /> Also erase the{' '}
              {counted(others.length, 'other profile', 'other profiles')} known by the same
              identities
            </label>
            <ul>
              {others.map((one) => (
                <li>
                  <a href={`${session.root}/profiles/${one.mpid}`}>{one.mpid}</a>
                </li>
              ))}
            </ul>
          </>
        )}
        <div class="field">
          <label for="regulation">Regulation that integrations are told</label>
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
    <Notice tone="good" title="What was found is erased.">
      {erasure.more ? (
        <p>So many profiles were found that it must be repeated for others.</p>
      ) : null}
    </Notice>
    <Table
      label="What was erased"
      columns={['mpid', 'Profile', 'Uploads waiting', 'Deliveries waiting', 'Dead letters']}
      rows={erasure.erased.map((one) => [
        one.mpid,
        one.profile ? 'deleted' : 'there was none',
        countOf(one.uploads),
        countOf(one.deliveries),
        countOf(one.dead_letters),
      ])}
    />
    <p>
      <a href={`${session.root}/profiles`}>To the look-up</a>
    </p>
  </Page>
)
