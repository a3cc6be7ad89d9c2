import { type Json, parseJson, stringifyJson } from '../base/json'
import type { Upload } from './upload'

/**
 * An upload as a profile stores it, until every window that covers it was handed on to the
 * outboxes.
 */
export interface Entry
  extends Pick<
    Upload,
    'input' | 'version' | 'received_ms' | 'ids' | 'environment' | 'device' | 'edge' | 'text'
  > {
  /** `trigger`: changes of audiences, see `Trigger`. */
  kind: Upload['kind'] | 'trigger'
  seq: number
  notifications: Json[]
}

/** An entry without its body: the facts that decide where it goes. */
export type EntryFacts = Omit<Entry, 'text'>

/** The stored form of an upload. */
export const entryOf = (upload: Upload, seq: number, notifications: Json[]): Entry => {
  const { kind, input, version, received_ms, ids, environment, device, edge, text } = upload
  return {
    ...{ kind, input, version, received_ms, ids, environment, device, edge, text },
    seq,
    notifications,
  }
}

/** Writes an entry as text: a line with its facts and the length of its body, then the body. */
export const writeEntry = (entry: Entry): string => {
  const { text, ...facts } = entry
  return `${stringifyJson({ ...facts, length: text.length })}\n${text}\n`
}

/** Reads the entries of a text that `writeEntry` wrote, as far as they are wanted. */
export const readEntries = (
  stored: string,
  isWanted: (facts: EntryFacts) => boolean = () => true
): Entry[] => {
  const entries: Entry[] = []
  for (let at = 0; at < stored.length; ) {
    const lineEnd = stored.indexOf('\n', at)
    // parseJson, because notifications may have integers beyond double precision.
    const line = parseJson(stored.slice(at, lineEnd)) as unknown as Entry & { length: number }
    const { length, ...facts } = line
    const text = stored.slice(lineEnd + 1, lineEnd + 1 + length)
    if (isWanted(facts)) entries.push({ ...facts, text })
    at = lineEnd + 1 + length + 1
  }
  return entries
}
