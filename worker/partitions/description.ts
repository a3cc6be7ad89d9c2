import { stringifyJson } from '../base/json'
import { type LiveSample, samplesOf } from '../dialects/sample'
import type { ProfileState } from '../profiles/attributes'
import type { Head } from '../profiles/batching'
import type { Entry } from '../profiles/entry'

/** How many of the newest entries a description looks at. */
export const describedEntries = 20
const describedEvents = 20

type WaitingEvent = Omit<LiveSample, 'batch' | 'mpid'>

// Newest first.
const waitingEvents = (waiting: Entry[], mpid: string): WaitingEvent[] => {
  const events = waiting.flatMap((entry) =>
    entry.kind === 'trigger' ? [] : samplesOf({ ...entry, kind: entry.kind }, mpid)
  )
  return events
    .slice(-describedEvents)
    .reverse()
    .map(({ at_ms, input, type, name, environment, event }) => ({
      at_ms,
      input,
      type,
      name,
      environment,
      event,
    }))
}

/**
 * What is known of a user, for the owner of the deployment, as JSON text with its exact numbers.
 *
 * @param waiting the newest entries that not all connections have
 */
export const describeProfile = (
  { mpid, last_ms, windows, latest = [] }: Head,
  state: ProfileState,
  waiting: Entry[]
): string => {
  const { audiences, links: _, ...known } = state
  const memberships = Object.entries(audiences?.inside ?? {}).map(([audience, since_ms]) => ({
    audience,
    since_ms,
  }))
  return stringifyJson({
    mpid,
    last_ms,
    ...known,
    memberships,
    open_windows: windows.length,
    latest_events: latest,
    waiting_events: waitingEvents(waiting, mpid),
  })
}
