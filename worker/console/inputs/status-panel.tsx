import type { InputStatus } from '../../admin/answers/inputs'
import { countOf } from '../components/count'

const titleOf = (name: string): string => {
  const words = name.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** How many requests and events the limits and the privacy of an input dropped, flagged or refused. */
export const InputStatusPanel = ({ quota, counts }: InputStatus) => {
  const total = Object.entries(counts.total)
  if (quota === undefined && total.length === 0) return null
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
        {total.map(([name, count]) => (
          <div>
            <dt>{titleOf(name)}</dt>
            <dd>{countOf(count)}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
