import type { Counts } from '../../rates/tally'
import { countOf } from '../components/count'

/** What the admin API says of an input. */
export interface InputStatus {
  last_seen_ms: number | null
  quota?: { events_per_day: number; used: number }
  counts: { total: Counts }
}

const wordsOf = (name: string): string => {
  const words = name.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** What an input did not take as it came. */
export const InputStatusPanel = ({ quota, counts }: InputStatus) => {
  const told = Object.entries(counts.total)
  if (quota === undefined && told.length === 0) return null
  return (
    <section class="panel">
      <h2>Limits and privacy at work</h2>
      <dl class="facts">
        {quota ? (
          <div>
            <dt>Events today</dt>
            <dd>{`${countOf(quota.used)} of ${countOf(quota.events_per_day)}`}</dd>
          </div>
        ) : null}
        {told.map(([name, count]) => (
          <div>
            <dt>{wordsOf(name)}</dt>
            <dd>{countOf(count)}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
