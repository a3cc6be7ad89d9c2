import { counted } from '../components/count'
import { Notice } from '../components/notice'
import type { Session } from '../env'
import { Page } from '../layout'

interface DeletePageProps {
  session: Session
  connection: string
  /** The id of a dead letter, or `all`. */
  letter: string
  count: { letters: number; events: number }
}

/** Asks for confirmation: deleted dead letters are stored nowhere else. */
export const DeletePage = ({ session, connection, letter, count }: DeletePageProps) => {
  const path = `${session.root}/deliveries/${connection}`
  const isAll = letter === 'all'
  return (
    <Page
      title={isAll ? 'Delete all dead letters' : 'Delete a dead letter'}
      active="deliveries"
      session={session}
    >
      <Notice tone="warn" title="This cannot be undone.">
        <p>
          {isAll
            ? `${counted(count.letters, 'dead letter')} of ${connection} with ${counted(count.events, 'event')} will be deleted.`
            : `Dead letter ${letter} of ${connection} will be deleted with its events.`}{' '}
          What they hold was never delivered, and there is no other copy.
        </p>
      </Notice>
      <form method="post" class="actions">
        <input type="hidden" name="letter" value={letter} />
        <button type="submit" class="danger">
          Delete
        </button>
        <a class="button quiet" href={`${path}#dead-letters`}>
          Cancel
        </a>
      </form>
    </Page>
  )
}
