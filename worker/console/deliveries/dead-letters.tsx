import type { DeadLetter, DeadLetters as LettersPage } from '../../admin/answers/connections'
import { counted, countOf } from '../components/count'
import { Payload } from '../components/payload'
import { Time } from '../components/time'

const shownPayloads = 5

const Letter = ({ letter, path }: { letter: DeadLetter; path: string }) => {
  const { id, at_ms, reason, events, payloads } = letter
  const more = payloads.length - shownPayloads
  return (
    <li class="letter">
      <div class="letter-head">
        <p class="reason">{reason}</p>
        <p class="help">
          {counted(events, 'event')}, <Time ms={at_ms} />
        </p>
      </div>
      <details>
        <summary>
          Payload<span class="unseen"> of dead letter {id}</span>
        </summary>
        {payloads.slice(0, shownPayloads).map((text, i) => (
          <Payload text={text} label={`Payload ${i + 1} of dead letter ${id}`} />
        ))}
        {more > 0 ? <p class="help">And {countOf(more)} more in this dead letter.</p> : null}
      </details>
      <div class="actions">
        <form method="post" action={`${path}/replay`}>
          <input type="hidden" name="letter" value={id} />
          <button type="submit" class="quiet">
            Replay<span class="unseen"> dead letter {id}</span>
          </button>
        </form>
        <a class="button quiet" href={`${path}/delete?letter=${id}`}>
          Delete<span class="unseen"> dead letter {id}</span>
        </a>
      </div>
    </li>
  )
}

interface DeadLettersProps {
  /** The page of the connection. */
  path: string
  count: number
  page: LettersPage
  isFirst: boolean
}

/** Deliveries that the output rejected, to be replayed or deleted. */
export const DeadLetters = ({ path, count, page, isFirst }: DeadLettersProps) => {
  const isWhole = isFirst && page.dead_letters.length >= count
  return (
    <section class="panel" aria-labelledby="dead-letters">
      <h2 id="dead-letters">Dead letters</h2>
      {count === 0 ? (
        <p class="soft">There are none.</p>
      ) : (
        <>
          <p class="help">
            The output rejected these. They are stored for 30 days. Replay them once the reason is
            fixed; deleted ones cannot be restored.
          </p>
          <div class="actions">
            <form method="post" action={`${path}/replay`}>
              <input type="hidden" name="letter" value="all" />
              <button type="submit" class="quiet">
                Replay all
              </button>
            </form>
            <a class="button danger" href={`${path}/delete?letter=all`}>
              Delete all…
            </a>
          </div>
          <ul class="letters">
            {page.dead_letters.map((letter) => (
              <Letter letter={letter} path={path} />
            ))}
          </ul>
          <nav class="actions" aria-label="Pages of dead letters">
            {isFirst ? null : <a href={`${path}#dead-letters`}>Newest</a>}
            {page.next && !isWhole ? (
              <a href={`${path}?before=${page.next}#dead-letters`}>Older</a>
            ) : null}
          </nav>
        </>
      )}
    </section>
  )
}
