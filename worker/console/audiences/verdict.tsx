import type { Preview } from '../../admin/answers/audiences'
import type { Reason } from '../../audiences/compile'
import { Time } from '../components/time'

const Why = ({ reason }: { reason: Reason }) => (
  <li class={reason.value ? 'holds' : 'fails'}>
    <span class="verdict">{reason.value ? 'holds' : 'does not hold'}</span>{' '}
    <code>{reason.rule}</code>
    {reason.next_ms === undefined ? null : (
      <span class="help">
        {' '}
        may change <Time ms={reason.next_ms} />
      </span>
    )}
    {reason.parts?.length ? (
      <ul>
        {reason.parts.map((part) => (
          <Why reason={part} />
        ))}
      </ul>
    ) : null}
  </li>
)

const Unknown = ({ title, names }: { title: string; names: string[] | undefined }) =>
  names?.length ? (
    <>
      <p>{title}</p>
      <ul>
        {names.map((name) => (
          <li>
            <code>{name}</code>
          </li>
        ))}
      </ul>
    </>
  ) : null

/** The result of a dry run. */
export const Verdict = ({ preview }: { preview: Preview }) => {
  const { member, why, next_ms, unknown_events, unknown_fields } = preview
  return (
    <section class="panel" aria-labelledby="verdict" tabindex={-1} data-focus="">
      <h2 id="verdict">
        Dry run:{' '}
        <span class={`badge ${member ? 'good' : 'still'}`}>{member ? 'inside' : 'outside'}</span>
      </h2>
      <ul class="why">
        <Why reason={why} />
      </ul>
      {next_ms === null ? null : (
        <p>
          Time alone may change it <Time ms={next_ms} />.
        </p>
      )}
      <Unknown
        title="No saved rule counts these events, or not so many or for so long. The result goes by what the profile has stored of them:"
        names={unknown_events}
      />
      <Unknown
        title="No saved rule uses these fields, so the profile does not store them:"
        names={unknown_fields}
      />
    </section>
  )
}
