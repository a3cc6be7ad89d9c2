import type { ClientOptions } from './options'
import type { Store } from './storage'
import { claim } from './tabs'
import { byteLength } from './transport'
import { uuid } from './uuid'

/*
 * What lies in localStorage, so that another page can send it:
 *   q.<owner>.<opened ms>.1000000            a batch but for its events, as JSON: its head
 *   q.<owner>.<opened ms>.1000001, 1000002…  its events, as JSON with commas between, a task's in one
 */

export interface Batch {
  name: string
  openedMs: number
  /** Its `source_request_id`. */
  id: string
  /** Its head, then its events. */
  texts: string[]
  /** Events that the task of now recorded. */
  fresh: string[]
  events: number
  bodyBytes: number
  /** A batch lies in localStorage as a whole or, when that is full or blocked, in memory alone. */
  isStored: unknown
  /** Whom and which session its events belong to. */
  scope: string
  /** An upload under way, and its status. */
  flight?: Promise<number> | undefined
}

/**
 * The batches of this page. Only their owner adds events to them, and none once a batch is sealed,
 * which it is before it is sent: so whoever sends it, and however often, sends the same events under
 * the same `source_request_id`.
 */
export interface Queue {
  /** Adds an event, as JSON. It is stored when the task that added it ends. */
  append(event: string, scope: string): void
  /** Stores a body of its own, as JSON, that is sent like a batch, after those before it. */
  post(body: string): void
  /** The batch that still takes events. */
  opened(): Batch | undefined
  /** The batches that may be sent, oldest first. */
  sealed: Batch[]
  /** Ends the open batch. */
  seal(): void
  remove(batch: Batch): void
  /** Takes over the batches of pages that are gone. */
  adopt(): Promise<void>
  /** Leaves everything stored to other pages, or to this one once it adopts again. */
  abandon(): void
}

// Browsers let 64 KiB of bodies outlive a page; a batch has to fit, with the time of sending.
const BODY_BYTES = 60_000
// A page that sleeps may find itself taken for dead. It must not add to a batch that another page
// has sent meanwhile, so it adds to fresh ones only: far fresher than SILENT_MS in tabs.ts.
const OPEN_MS = 60_000

/** The batch as a request body. Its time tells the server how far this clock is off. */
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
    // The head goes last: cut short, this leaves a batch that the server knows, not stray events.
    for (let index = batch.texts.length; index--; ) store.erase(partName(batch, index))
  }

  const put = (batch: Batch, text: string) => {
    const index = batch.texts.push(text) - 1
    // Pages call localStorage.clear(), on logout for instance: no event may lie there without a head.
    const isWhole = batch.isStored && (!index || store.get(partName(batch, 0)))
    batch.isStored = isWhole && store.write(partName(batch, index), text)
    if (isWhole && !batch.isStored) erase(batch)
  }

  const create = (scope: string, head?: string): Batch => {
    // Two batches of one millisecond need two names.
    lastOpenedMs = Math.max(Date.now(), lastOpenedMs + 1)
    if (!claims.has(owner)) claims.set(owner, claim(key + owner))
    const batch = createBatch(`q.${owner}.${lastOpenedMs}`, lastOpenedMs)
    // Other tabs write, too.
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

  const keep = (isKept: (batch: Batch) => boolean) => {
    sealed.splice(0, Infinity, ...sealed.filter(isKept))
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
      keep((other) => other !== batch)
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
      keep((batch) => !batch.isStored)
      for (const claimed of claims.values()) void claimed.then((release) => release?.())
      claims.clear()
      owner = uuid()
    },
  }
}
