import type { Rejected, RejectedPage as Rejections } from '../../admin/answers/inputs'
import { counted } from '../components/count'
import { Empty } from '../components/notice'
import { Payload } from '../components/payload'
import { Time } from '../components/time'
import type { Session } from '../env'
import { Page } from '../layout'

interface RejectedPageProps {
  session: Session
  inputs: string[]
  /** The chosen input; '' for unknown credentials, undefined for all. */
  chosen: string | undefined
  page: Rejections
  before: string | undefined
}

export const pageSize = 50

/** Values of the filter for unknown credentials and for all inputs. */
export const ofNone = '@none'
export const ofAll = ''

const Filter = ({ inputs, chosen }: Pick<RejectedPageProps, 'inputs' | 'chosen'>) => (
  <form method="get" class="filter">
    <div class="field">
      <label for="input">Input</label>
      <select id="input" name="input">
        <option value={ofAll}>All</option>
        {inputs.map((id) => (
          <option value={id} selected={id === chosen}>
            {id}
          </option>
        ))}
        <option value={ofNone} selected={chosen === ''}>
          No input (unknown credentials)
        </option>
      </select>
    </div>
    <button type="submit" class="quiet">
      Filter
    </button>
  </form>
)

const Entry = ({ rejected, root }: { rejected: Rejected; root: string }) => {
  const { id, at_ms, input, problems, payload } = rejected
  return (
    <li class="letter">
      <div class="letter-head">
        <p class="reason">
          {input === '' ? 'No input' : <a href={`${root}/inputs/${input}`}>{input}</a>}
        </p>
        <p class="help">
          <Time ms={at_ms} />
        </p>
      </div>
      <ul class="reasons">
        {problems.map(({ code, path, message }) => (
          <li>
            <code>{code}</code>
            {path === '' ? null : (
              <>
                {' at '}
                <code>{path}</code>
              </>
            )}
            : {message}
          </li>
        ))}
      </ul>
      {payload === '' ? (
        <p class="help">The payload is not stored.</p>
      ) : (
        <details>
          <summary>
            Payload<span class="unseen"> of rejected {id}</span>
          </summary>
          <Payload text={payload} label={`Payload of rejected ${id}`} />
        </details>
      )}
    </li>
  )
}

/** Events and bodies that inputs could not understand, with the reasons. */
export const RejectedPage = ({ session, inputs, chosen, page, before }: RejectedPageProps) => {
  const { root } = session
  const filter = `input=${chosen === undefined ? ofAll : encodeURIComponent(chosen || ofNone)}`
  const last = page.rejected.at(-1)
  return (
    <Page title="Rejected" active="rejected" session={session}>
      <p>
        {`${counted(page.count, 'problem')} found in total. `}The newest 500 of inputs are stored,
        and the newest 50 with unknown credentials.
      </p>
      <Filter inputs={inputs} chosen={chosen} />
      {page.rejected.length === 0 ? (
        <Empty>{before ? 'There are no older entries.' : 'Nothing was rejected.'}</Empty>
      ) : (
        <ul class="letters panel">
          {page.rejected.map((rejected) => (
            <Entry rejected={rejected} root={root} />
          ))}
        </ul>
      )}
      <nav class="actions" aria-label="Pages of rejected events">
        {before ? <a href={`${root}/rejected?${filter}`}>Newest</a> : null}
        {last && page.rejected.length === pageSize ? (
          <a href={`${root}/rejected?${filter}&before=${last.id}`}>Older</a>
        ) : null}
      </nav>
    </Page>
  )
}
