import type { ClientOptions } from './options'
import type { Store } from './storage'
import { claim } from './tabs'
import { byteLength } from './transport'
import { uuid } from './uuid'

/*
 * Entries in localStorage, from which another page can send the batches:
 *   q.<owner>.<opened ms>.1000000            the head of a batch: its fields without events, JSON
 *   q.<owner>.<opened ms>.1000001, 1000002…  its events, JSON separated by commas: one entry has all
 *                                            events of one browser task
 */

export interface Batch {
  name: string
  openedMs: number
  /** Its `source_request_id`. */
  id: string
  /** Its head, then its stored events. */
  texts: string[]
  /** Events of the current task, which are not stored yet. */
  fresh: string[]
  events: number
  bodyBytes: number
  /**
   * Truthy when the whole batch is in localStorage; else all of it is in memory only, because that
   * is full or blocked.
   */
  isStored: unknown
  /** The session and user of its events. */
  scope: string
  /** The status of the upload that is in progress. */
  flight?: Promise<number> | undefined
}

/**
 * The batches of this page. A batch is sealed before it is sent, and only its owner, the page that
 * opened it, adds events to it before. So every attempt, from whichever page, sends the same events
 * with the same `source_request_id`, by which the server deduplicates.
 */
export interface Queue {
  /** Adds an event, as JSON. It is stored at the end of the current task. */
  append(event: string, scope: string): void
  /** Stores a request body, as JSON, that is sent like a batch, after the earlier ones. */
  post(body: string): void
  /** The batch to which events are added. */
  opened(): Batch | undefined
  /** The batches to send, oldest first. */
  sealed: Batch[]
  /** Seals the open batch. */
  seal(): void
  remove(batch: Batch): void
  /** Takes over the batches of pages that have ended. */
  adopt(): Promise<void>
  /** Gives up everything stored, for other pages, or for this one when it adopts again. */
  abandon(): void
}

// Browsers send at most 64 KiB of request bodies after a page has ended. A batch has to fit, with
// its time of sending.
const BODY_BYTES = 60_000
// Another page may have taken over and sent the batches of a page that was suspended. So a page
// adds events only to batches that are younger than this, far less than SILENT_MS in tabs.ts.
const OPEN_MS = 60_000

/**
 * The batch as a request body. From its time of sending, the server computes this clock's error.
 */
export const bodyOf = ({ texts: [head = '', ...events] }: Batch): string =>
  `${head.slice(0, -1)},"sent_unixtime_ms":${Date.now()}${events[0] ? `,"events":[${events}]` : ''}}`

const partName = (batch: Batch, index: number) => `${batch.name}.${1e6 + index}`

const createBatch = (name: string, openedMs: number): Batch => ({
  name,
  openedMs,
  id: uuid(),
  texts: [],
  fresh: [],
  events: 0,
  bodyBytes: 0,
  isStored: true,
  scope: '',
})

export const createQueue = (
  store: Store,
  { key, storedChars = 4_000_000 }: ClientOptions,
  envelope: (requestId: string) => string
): Queue => {
  let owner = uuid()
  let open: Batch | undefined
  const sealed: Batch[] = []
  let lastOpenedMs = 0
  const claims = new Map<string, ReturnType<typeof claim>>()

  const erase = (batch: Batch) => {
    // The head is removed last. If interrupted, this leaves a batch that was already sent, not
    // events without a head.
    for (let index = batch.texts.length; index--; ) store.erase(partName(batch, index))
  }

  const put = (batch: Batch, text: string) => {
    const index = batch.texts.push(text) - 1
    // The page may call localStorage.clear(), on logout for instance: events are not stored without
    // a head.
    const isWhole = batch.isStored && (!index || store.get(partName(batch, 0)))
    batch.isStored = isWhole && store.write(partName(batch, index), text)
    if (isWhole && !batch.isStored) erase(batch)
  }

  const create = (scope: string, head?: string): Batch => {
    // Two batches of the same millisecond need different names.
    lastOpenedMs = Math.max(Date.now(), lastOpenedMs + 1)
    if (!claims.has(owner)) claims.set(owner, claim(key + owner))
    const batch = createBatch(`q.${owner}.${lastOpenedMs}`, lastOpenedMs)
    // Other tabs write as well, so the size is computed each time.
    batch.isStored = String(store.names('q.').map(store.get)).length < storedChars || store.refuse()
    batch.scope = scope
    const text = head ?? envelope(batch.id)
    batch.bodyBytes = byteLength(text)
    put(batch, text)
    return batch
  }

  const write = () => {
    if (!open?.fresh[0]) return
    put(open, String(open.fresh))
    open.fresh = []
  }

  const seal = () => {
    write()
    if (open) sealed.push(open)
    open = undefined
  }

  const retain = (isRetained: (batch: Batch) => boolean) => {
    sealed.splice(0, Infinity, ...sealed.filter(isRetained))
  }

  const read = (start: string): Batch[] => {
    const batches: Batch[] = []
    for (const name of store.names(start)) {
      const [, , opened] = name.split('.')
      const batchName = name.slice(0, -8)
      if (batches.at(-1)?.name !== batchName) batches.push(createBatch(batchName, Number(opened)))
      batches.at(-1)?.texts.push(store.get(name) ?? '')
    }
    return batches
  }

  return {
    append: (event, scope) => {
      const bytes = byteLength(event) + 1
      if (
        open?.scope !== scope ||
        open.bodyBytes + bytes > BODY_BYTES ||
        Date.now() - open.openedMs > OPEN_MS
      )
        seal()
      open ??= create(scope)
      if (!open.fresh[0]) queueMicrotask(write)
      open.fresh.push(event)
      open.events++
      open.bodyBytes += bytes
    },
    post: (body) => {
      seal()
      sealed.push(create('', body))
    },
    opened: () => open,
    sealed,
    seal,
    remove: (batch) => {
      erase(batch)
      retain((other) => other !== batch)
    },
    adopt: async () => {
      const latest = new Map(
        store.names('q.').map((name): [string, number] => {
          const [, other = '', opened] = name.split('.')
          return [other, Number(opened)]
        })
      )
      for (const [other, openedMs] of latest) {
        if (claims.has(other)) continue
        const claimed = claim(key + other, Date.now() - openedMs)
        if (!(await claimed)) continue
        claims.set(other, claimed)
        sealed.push(...read(`q.${other}.`))
      }
      sealed.sort((a, b) => a.openedMs - b.openedMs)
    },
    abandon: () => {
      seal()
      retain((batch) => !batch.isStored)
      for (const claimed of claims.values()) void claimed.then((release) => release?.())
      claims.clear()
      owner = uuid()
    },
  }
}
