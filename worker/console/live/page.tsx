import { Notice } from '../components/notice'
import type { Session } from '../env'
import { Page } from '../layout'

const eventTypes = [
  'custom_event',
  'screen_view',
  'commerce_event',
  'session_start',
  'session_end',
  'application_state_transition',
  'user_attribute_change',
  'user_identity_change',
  'crash_report',
  'opt_out',
  'push_registration',
  'push_message',
  'network_performance',
  'profile',
  'alias_request',
]

interface LivePageProps {
  session: Session
  inputs: string[]
  chosen: { input?: string | undefined; type?: string | undefined; mpid?: string | undefined }
}

/** Events as they are accepted; `page/live.ts` adds them. */
export const LivePage = ({ session, inputs, chosen }: LivePageProps) => (
  <Page title="Live" active="live" session={session} scripts={['live']}>
    <noscript>
      <Notice tone="warn" title="Live needs JavaScript.">
        <p>All other pages work without it.</p>
      </Notice>
    </noscript>
    <form class="filter" id="live-filter">
      <div class="field">
        <label for="live-input">Input</label>
        <select id="live-input" name="input">
          <option value="">All</option>
          {inputs.map((id) => (
            <option value={id} selected={id === chosen.input}>
              {id}
            </option>
          ))}
        </select>
      </div>
      <div class="field">
        <label for="live-type">Event type</label>
        <input
          id="live-type"
          name="type"
          list="live-types"
          placeholder="All"
          value={chosen.type}
          autocomplete="off"
          spellcheck={false}
        />
        <datalist id="live-types">
          {eventTypes.map((type) => (
            <option value={type} />
          ))}
        </datalist>
      </div>
      <div class="field">
        <label for="live-mpid">mpid</label>
        <input
          id="live-mpid"
          name="mpid"
          placeholder="All"
          value={chosen.mpid}
          autocomplete="off"
          spellcheck={false}
        />
      </div>
      <button type="submit" class="quiet">
        Filter
      </button>
    </form>
    <div class="live-bar">
      <p id="live-state" role="status">
        Not connected.
      </p>
      <div class="actions">
        <button type="button" id="live-pause" class="quiet" aria-pressed="false">
          Pause
        </button>
        <button type="button" id="live-clear" class="quiet">
          Clear
        </button>
      </div>
    </div>
    <p class="help">
      Events appear once they are stored. It takes up to ten seconds until all of them appear, and
      until a filter applies everywhere. Above some fifty events a second, some are left out. While
      no page like this one is open, this costs nothing.
    </p>
    {/* Not a live region: at some fifty lines a second, screen readers would read nothing else. */}
    <ol id="live-events" class="live" aria-label="Events, newest first" />
  </Page>
)
