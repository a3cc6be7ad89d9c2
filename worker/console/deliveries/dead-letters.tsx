import type { DeadLetter, DeadLetters as LettersPage } from '../../admin/answers/connections'
import { countOf } from '../components/count'
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
          {events === 1 ? '1 event' : `${countOf(events)} events`}, <Time ms={at_ms} />
        </p>
      </div>
      <details>
        <summary>
          Payload<span class="unseen"> of dead letter {id}</span>
        </summary>
        {payloads.slice(0, shownPayloads).map((text, i) => (
          <Payload text={text} label={`Payload ${i + 1} of dead letter ${id}`} />
        ))}
        {more > 0 ? <p class="help">And {countOf(more)} more of the same letter.</p> : null}
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

/** What the output will never take as it is, with what can be done about it. */
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
            The output did not take these. They are kept for 30 days from when they came here.
            Replay them once the reason is mended; what is deleted is gone for good.
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
