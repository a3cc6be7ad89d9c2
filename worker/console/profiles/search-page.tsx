import type { Found } from '../../admin/answers/profiles'
import type { Problem } from '../../base/problem'
import { identityTypes } from '../../batch'
import { countOf } from '../components/count'
import { Empty, Notice } from '../components/notice'
import { Table } from '../components/table'
import { Time } from '../components/time'
import type { Session } from '../env'
import { Page } from '../layout'

/** What the form asks for: an mpid, a device, or an identity of some type. */
export const byMpid = 'mpid'
export const byDevice = 'mp_deviceid'

interface SearchPageProps {
  session: Session
  count: number
  asked: { by: string; value: string }
  problems: Problem[]
  found?: Found | undefined
  done?: boolean
}

const Results = ({ found, root }: { found: Found; root: string }) => {
  if (found.profiles.length === 0) return <Empty>Nobody is known by it.</Empty>
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
      {found.more ? <p class="help">There may be more than one search looks at.</p> : null}
    </>
  )
}

/** Where somebody is looked up. */
export const SearchPage = (props: SearchPageProps) => {
  const { session, count, asked, problems, found } = props
  const [wrong] = problems
  return (
    <Page title="Profiles" active="profiles" session={session}>
      <p>{count === 1 ? 'There is 1 profile.' : `There are ${countOf(count)} profiles.`}</p>
      <form method="post" action={`${session.root}/profiles`} class="filter panel lookup">
        <div class="field">
          <label for="by">Look up by</label>
          <select id="by" name="by">
            <option value={byMpid}>mpid</option>
            {identityTypes.map((type) => (
              <option value={type} selected={type === asked.by}>
                {type}
              </option>
            ))}
            <option value={byDevice} selected={asked.by === byDevice}>
              mp_deviceid
            </option>
          </select>
        </div>
        <div class="field wide">
          <label for="value">Value</label>
          <input
            id="value"
            name="value"
            value={asked.value}
            autocomplete="off"
            spellcheck={false}
            aria-describedby={wrong ? 'value-help value-error' : 'value-help'}
            aria-invalid={wrong ? 'true' : undefined}
            data-focus={wrong ? '' : undefined}
          />
          {wrong ? (
            <p class="error" id="value-error">
              {wrong.message}
            </p>
          ) : null}
        </div>
        <button type="submit">Look up</button>
        <p class="help" id="value-help">
          An identity must be written as its sender writes it, also where an input has it hashed.
        </p>
      </form>
      {found ? <Results found={found} root={session.root} /> : null}
    </Page>
  )
}

/** Where an mpid leads that nobody has. */
export const UnknownPage = ({ session, mpid }: { session: Session; mpid: string }) => (
  <Page title={`Profile ${mpid}`} active="profiles" session={session}>
    <Notice tone="info" title="Nothing is known under this mpid.">
      <p>
        It had no upload, was silent until it expired, or was erased.{' '}
        <a href={`${session.root}/profiles`}>Look up another</a>
      </p>
    </Notice>
  </Page>
)
