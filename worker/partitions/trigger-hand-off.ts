import type { Changed, Trigger } from '../audiences/trigger'
import { parseJson } from '../base/json'
import type { FirehoseFacts } from '../connections/firehose/facts'
import { applyFirehoseTrigger } from '../connections/firehose/membership'
import type { TriggerSettings } from '../connections/trigger-settings'
import { applyTrigger } from '../connections/triggers'
import type { HandOff } from '../delivery'
import { covers, type Head, type Window } from '../profiles/batching'
import type { Entry } from '../profiles/entry'
import { handOffId, sumUp } from './hand-off'

/** An audience connection as it was at some version of the workspace. */
export interface AudienceConnectionAt {
  id: string
  audiences: string[]
  audienceNames: Record<string, string>
  settings: TriggerSettings
  /** Of connections to integrations. */
  firehose?: FirehoseFacts | undefined
}

interface Making {
  head: Head
  window: Window
  entries: Entry[]
  /** Of the workspace in force. */
  version: number
  /** The connection as it was when a trigger was raised; undefined when it was not there. */
  at: (version: number) => AudienceConnectionAt | undefined
}

// `triggersOf` wrote them in this shape; parseJson keeps the exact numbers among attributes.
const readTrigger = ({ text }: Entry): Trigger => parseJson(text) as unknown as Trigger

/** What an audience connection gets of a window; undefined when it holds nothing for it. */
export const makeTriggerHandOff = (making: Making): HandOff | undefined => {
  const { head, window, entries, at } = making
  const id = handOffId(head, window)
  const parts = entries
    .filter((entry) => covers(window, entry))
    .flatMap((entry) => {
      const connection = at(entry.version)
      if (!connection) return []
      const { audiences, audienceNames, settings, firehose } = connection
      const place = { id: `${id}-${entry.seq}`, mpid: head.mpid, connection: connection.id }
      const context = { ...place, audiences }
      if (!firehose) return applyTrigger(readTrigger(entry), settings, context)
      const { audience_events } = settings
      const own = { audience_events, firehose, audiences: audienceNames }
      return applyFirehoseTrigger(readTrigger(entry), own, context)
    })
  const handOff = sumUp(making, id, parts)
  return handOff.accepted === 0 ? undefined : handOff
}

/** The changes of a window, each once. */
export const changesOf = (window: Window, entries: Entry[]): Changed[] =>
  entries
    .filter((entry) => covers(window, entry))
    .map(readTrigger)
    .flatMap(({ at_ms, changes, only }) => (only === undefined ? [{ at_ms, changes }] : []))
