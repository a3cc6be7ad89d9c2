import type { Child } from 'hono/jsx'
import { countOf } from '../components/count'
import { Payload } from '../components/payload'
import { Table } from '../components/table'
import { Time } from '../components/time'
import type { Session } from '../env'
import { Page } from '../layout'
import type { ProfileFacts } from './facts'

const Panel = ({ title, children }: { title: string; children: Child }) => {
  const id = title.toLowerCase().replace(/\W+/g, '-')
  return (
    <section class="panel" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  )
}

interface ListedProps {
  title: string
  columns: string[]
  rows: Child[][]
  none: string
}

const Listed = ({ title, columns, rows, none }: ListedProps) => (
  <Panel title={title}>
    {rows.length === 0 ? (
      <p class="soft">{none}</p>
    ) : (
      <Table label={`List of ${title.toLowerCase()}`} columns={columns} rows={rows} />
    )}
  </Panel>
)

const Latest = ({ events }: { events: ProfileFacts['latest_events'] }) => (
  <Listed
    title="Latest events"
    columns={['Event', 'Name', 'Input', 'Came in']}
    rows={events.map(({ type, name, input, at_ms }) => [
      type,
      name || '–',
      input,
      <Time ms={at_ms} />,
    ])}
    none="None yet."
  />
)

const Waiting = ({ events }: { events: ProfileFacts['waiting_events'] }) => (
  <Panel title="Events that wait for a connection">
    {events.length === 0 ? (
      <p class="soft">None: all connections have what came in.</p>
    ) : (
      <ol class="live">
        {events.map(({ at_ms, input, type, name, event }, i) => (
          <li>
            <details>
              <summary>
                <span class="live-time">
                  <Time ms={at_ms} />
                </span>
                <span class="live-type">{type}</span>
                <span class="live-name">{name}</span>
                <span class="live-input">{input}</span>
              </summary>
              <Payload text={event} label={`Event ${i + 1}`} />
            </details>
          </li>
        ))}
      </ol>
    )}
  </Panel>
)

/** The profile of one user. */
export const ProfilePage = ({ session, profile }: { session: Session; profile: ProfileFacts }) => {
  const { root } = session
  const { mpid, last_ms, open_windows, attributes, identities, consent, memberships } = profile
  return (
    <Page title={`Profile ${mpid}`} active="profiles" session={session}>
      <dl class="facts">
        <div>
          <dt>Last upload</dt>
          <dd>
            <Time ms={last_ms} />
          </dd>
        </div>
        <div>
          <dt>Windows open</dt>
          <dd>{countOf(open_windows)}</dd>
        </div>
      </dl>
      <div class="actions">
        <a class="button quiet" href={`${root}/live?mpid=${mpid}`}>
          Watch live
        </a>
        <a class="button danger" href={`${root}/profiles/${mpid}/erase`}>
          Erase…
        </a>
      </div>
      <Listed
        title="Identities"
        columns={['Type', 'Identity', 'Set']}
        rows={identities.map(({ type, identity, ms }) => [type, identity, <Time ms={ms} />])}
        none="None is known."
      />
      <Listed
        title="Attributes"
        columns={['Name', 'Value']}
        rows={attributes}
        none="None are known."
      />
      <Listed
        title="Consent"
        columns={['Regulation', 'Purpose', 'Consent', 'Time']}
        rows={consent.map(({ regulation, purpose, consented, ms }) => [
          regulation,
          purpose,
          consented ? 'yes' : 'no',
          <Time ms={ms} />,
        ])}
        none="None is known."
      />
      <Listed
        title="Audiences"
        columns={['Audience', 'Since']}
        rows={memberships.map(({ audience, since_ms }) => [
          <a href={`${root}/audiences/${audience}`}>{audience}</a>,
          <Time ms={since_ms} />,
        ])}
        none="It is in none."
      />
      <Latest events={profile.latest_events} />
      <Waiting events={profile.waiting_events} />
    </Page>
  )
}
