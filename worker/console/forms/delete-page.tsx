import type { Child } from 'hono/jsx'
import { Notice } from '../components/notice'
import type { Session } from '../env'
import { Page } from '../layout'
import type { PageId } from '../navigation'

interface DeletePageProps {
  active: PageId
  session: Session
  id: string
  /** Where somebody goes who would rather not. */
  back: string
  problems: { code: string; message: string }[]
  children: Child
}

/** Asks again before something is deleted. */
export const DeletePage = ({ active, session, id, back, problems, children }: DeletePageProps) => (
  <Page title={`Delete ${id}?`} active={active} session={session}>
    {problems.length === 0 ? null : (
      <Notice tone="bad" title="It was not deleted.">
        {problems.map(({ message }) => (
          <p>{message}</p>
        ))}
      </Notice>
    )}
    <section class="panel">
      {children}
      <form method="post" class="actions">
        <button type="submit" class="danger">
          Delete {id}
        </button>
        {problems.some(({ code }) => code === 'connection_not_empty') ? (
          <button type="submit" class="danger" name="discard" value="true">
            Delete it with what waits
          </button>
        ) : null}
        <a class="button quiet" href={back}>
          Keep it
        </a>
      </form>
    </section>
  </Page>
)
