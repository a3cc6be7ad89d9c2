import type { Child } from 'hono/jsx'
import type { AudienceStatus } from '../../admin/answers/audiences'
import { Badge } from '../components/badge'
import { countOf } from '../components/count'
import { Empty } from '../components/notice'
import { Table } from '../components/table'
import { Time } from '../components/time'
import type { Session } from '../env'
import { Page } from '../layout'
import { Editor, type EditorProps } from './editor'

const Progress = ({ walk }: Pick<AudienceStatus, 'walk'>) =>
  walk.walking ? (
    <Badge state="retrying">
      {countOf(walk.profiles_done)} of {countOf(walk.profiles)} profiles
    </Badge>
  ) : (
    <Badge state="ok">all profiles</Badge>
  )

interface ListPageProps {
  session: Session
  audiences: { name: string; status: AudienceStatus }[]
  done: Child
}

export const ListPage = ({ session, audiences, done }: ListPageProps) => (
  <Page title="Audiences" active="audiences" session={session}>
    {done}
    <div class="actions">
      <a class="button" href={`${session.root}/audiences/new`}>
        Add an audience
      </a>
    </div>
    {audiences.length === 0 ? (
      <Empty>
        There is none yet. An audience is a rule about profiles; connections send a message when a
        user enters or leaves it.
      </Empty>
    ) : (
      <Table
        label="Audiences"
        columns={['Audience', 'Name', 'Size', 'Latest change', 'Rules met by']}
        rows={audiences.map(({ name, status }) => [
          <a href={`${session.root}/audiences/${status.id}`}>{status.id}</a>,
          name,
          countOf(status.size),
          <Time ms={status.changes[0]?.at_ms} />,
          <Progress walk={status.walk} />,
        ])}
      />
    )}
  </Page>
)

export const NewPage = ({ session, ...editor }: { session: Session } & EditorProps) => (
  <Page title="Add an audience" active="audiences" session={session}>
    <Editor {...editor}>
      <a class="button quiet" href={`${session.root}/audiences`}>
        Cancel
      </a>
    </Editor>
  </Page>
)

const Status = ({ status, root }: { status: AudienceStatus; root: string }) => (
  <section class="panel" aria-labelledby="members">
    <h2 id="members">Members</h2>
    <dl class="facts">
      <div>
        <dt>Size</dt>
        <dd>{countOf(status.size)}</dd>
      </div>
      <div>
        <dt>Rules met by</dt>
        <dd>
          <Progress walk={status.walk} />
        </dd>
      </div>
    </dl>
    {status.changes.length === 0 ? (
      <p class="soft">No user has entered or left it yet.</p>
    ) : (
      <Table
        label="Latest changes"
        columns={['Profile', 'Change', 'When']}
        rows={status.changes.map(({ mpid, event, at_ms }) => [
          <a href={`${root}/profiles/${mpid}`}>{mpid}</a>,
          event === 'enter' ? 'entered' : 'left',
          <Time ms={at_ms} />,
        ])}
      />
    )}
  </section>
)

interface AudiencePageProps extends EditorProps {
  session: Session
  id: string
  status: AudienceStatus
  done: Child
}

export const AudiencePage = ({ session, id, status, done, ...editor }: AudiencePageProps) => (
  <Page title={`Audience ${id}`} active="audiences" session={session}>
    {done}
    <div class="beside">
      <div>
        <Editor {...editor}>
          <a class="button danger" href={`${session.root}/audiences/${id}/delete`}>
            Delete…
          </a>
        </Editor>
      </div>
      <Status status={status} root={session.root} />
    </div>
  </Page>
)
