import type { Found } from '../../admin/answers/profiles'
import type { Problem } from '../../base/problem'
import { identityTypes } from '../../batch'
import { counted } from '../components/count'
import { Empty, Notice } from '../components/notice'
import { Table } from '../components/table'
import { Time } from '../components/time'
import type { Session } from '../env'
import { Page } from '../layout'

/** What profiles are looked up by, besides types of identities. */
export const byMpid = 'mpid'
export const byDevice = 'mp_deviceid'

interface SearchPageProps {
  session: Session
  count: number
  /** What was looked up. */
  search: { by: string; value: string }
  problems: Problem[]
  found?: Found | undefined
  done?: boolean
}

const Results = ({ found, root }: { found: Found; root: string }) => {
  if (found.profiles.length === 0) return <Empty>No profile was found.</Empty>
  return (
    <>
      <Table
        label="Profiles found"
        columns={['mpid', 'Last upload']}
        rows={found.profiles.map(({ mpid, last_ms }) => [
          <a href={`${root}/profiles/${mpid}`}>{mpid}</a>,
          <Time ms={last_ms} />,
        ])}
      />
      {found.more ? <p class="help">There may be more profiles than one search finds.</p> : null}
    </>
  )
}

/** The look-up of profiles. */
export const SearchPage = (props: SearchPageProps) => {
  const { session, count, search, problems, found } = props
  const [error] = problems
  return (
    <Page title="Profiles" active="profiles" session={session}>
      <p>{`There ${count === 1 ? 'is' : 'are'} ${counted(count, 'profile')}.`}</p>
      <form method="post" action={`${session.root}/profiles`} class="filter panel lookup">
        <div class="field">
          <label for="by">Look up by</label>
          <select id="by" name="by">
            <option value={byMpid}>mpid</option>
            {identityTypes.map((type) => (
              <option value={type} selected={type === search.by}>
                {type}
              </option>
            ))}
            <option value={byDevice} selected={search.by === byDevice}>
              mp_deviceid
            </option>
          </select>
        </div>
        <div class="field wide">
          <label for="value">Value</label>
          <input
            id="value"
            name="value"
            value={search.value}
            autocomplete="off"
            spellcheck={false}
            aria-describedby={error ? 'value-help value-error' : 'value-help'}
            aria-invalid={error ? 'true' : undefined}
            data-focus={error ? '' : undefined}
          />
          {error ? (
            <p class="error" id="value-error">
              {error.message}
            </p>
          ) : null}
        </div>
        <button type="submit">Look up</button>
        <p class="help" id="value-help">
          Enter an identity as its sender sends it, even if the input hashes it.
        </p>
      </form>
      {found ? <Results found={found} root={session.root} /> : null}
    </Page>
  )
}

/** Shown for an mpid without a profile. */
export const UnknownPage = ({ session, mpid }: { session: Session; mpid: string }) => (
  <Page title={`Profile ${mpid}`} active="profiles" session={session}>
    <Notice tone="info" title="There is no profile with this mpid.">
      <p>
        It never had an upload, has expired, or was erased.{' '}
        <a href={`${session.root}/profiles`}>Look up another</a>
      </p>
    </Notice>
  </Page>
)
