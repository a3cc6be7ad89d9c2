import type { Store } from './storage'
import { warn } from './warn'

/*
 * What lies in the store:
 *   q.<owner>.<opened ms>            a batch but for its events, as JSON: its head
 *   q.<owner>.<opened ms>.<number>   one of its events, as JSON
 */

export interface Batch {
  /** Name of its head. */
  name: string
  owner: string
  openedMs: number
  /** Names of its events, in order. */
  events: string[]
  /** A batch lies in localStorage as a whole or, when that is full or blocked, in memory alone. */
  isStored: boolean
  storedChars: number
}

export interface Records {
  /** @returns `false` when a batch that lies in localStorage has no room there for this */
  put(batch: Batch, name: string, text: string): boolean
  /** The batch as a request body. `undefined` when it is no longer in the store. */
  body(batch: Batch, nowMs: number): string | undefined
  remove(batch: Batch): void
  /** Whose batches lie in localStorage. */
  owners(): Set<string>
  /** The batches in localStorage of these owners, oldest first. */
  read(owners: Set<string>): Batch[]
}

export const createRecords = (store: Store, storedLimit: number): Records => {
  let storedChars = 0
  let isWarned = false

  const lengthOf = (name: string) => store.get(name)?.length ?? 0

  return {
    put: (batch, name, text) => {
      if (!batch.isStored) {
        store.hold(name, text)
        return true
      }
      const isFull = storedChars + text.length > storedLimit
      if (isFull && !isWarned) warn('storage limit reached, using memory')
      isWarned ||= isFull
      if (isFull || !store.set(name, text)) return false
      storedChars += text.length
      batch.storedChars += text.length
      return true
    },
    body: (batch, nowMs) => {
      const texts = batch.events.map((name) => store.get(name)).filter(Boolean)
      const head = store.get(batch.name)?.slice(0, -1)
      return head && texts.length
        ? `${head},"timestamp_unixtime_ms":${nowMs},"events":[${texts}]}`
        : undefined
    },
    remove: (batch) => {
      // The head goes last: cut short, this leaves a batch that the server knows, not stray events.
      for (const name of [...batch.events, batch.name]) store.remove(name)
      storedChars -= batch.storedChars
    },
    owners: () => {
      const names = store.names('q.')
      // Other tabs write too: whoever looks also counts.
      storedChars = names.reduce((sum, name) => sum + lengthOf(name), 0)
      return new Set(names.map((name) => name.split('.')[1] ?? ''))
    },
    read: (owners) => {
      const batches: Batch[] = []
      for (const name of store.names('q.')) {
        const [, owner = '', opened, number] = name.split('.')
        if (!owners.has(owner)) continue
        const openedMs = Number(opened)
        if (!number)
          batches.push({ name, owner, openedMs, events: [], isStored: true, storedChars: 0 })
        const batch = batches.at(-1)
        // Without its head an event cannot be sent: someone else has tampered with the store.
        if (!batch || !name.startsWith(batch.name)) {
          store.remove(name)
          continue
        }
        batch.storedChars += lengthOf(name)
        if (number) batch.events.push(name)
      }
      return batches.sort((a, b) => a.openedMs - b.openedMs)
    },
  }
}
