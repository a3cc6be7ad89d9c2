import type { Batch, Records } from './records'
import type { Release, Tabs } from './tabs'
import { byteLength } from './transport'
import { uuid } from './uuid'

interface OpenBatch extends Batch {
  requestId: string
  scope: string
  attributes: string | undefined
  bodyBytes: number
}

/** Whom and which session an event belongs to, and the user's attributes at the time. */
export interface Context {
  /** One batch has one scope. */
  scope: string
  /** A batch tells those after its last event. */
  attributes: string | undefined
}

/**
 * The batches of this page. Only their owner adds events to them, and none once a batch is sealed,
 * which it is before it is sent: so whoever sends it, and however often, sends the same events under
 * the same `source_request_id`.
 */
export interface Queue {
  /** Stores an event before it returns. */
  append(event: object, context: Context, nowMs: number): void
  /** The batch that still takes events. */
  opened(): Batch | undefined
  /** The batches that may be sent, oldest first. */
  sealed(): readonly Batch[]
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
// A page stores its first event and claims its name in one go, but the claim can arrive later.
const CLAIM_MS = 500

const newOwner = () => uuid().slice(0, 13)

export const createQueue = (
  records: Records,
  tabs: Tabs,
  envelope: (requestId: string) => string
): Queue => {
  let owner = newOwner()
  let open: OpenBatch | undefined
  let closed: Batch[] = []
  let lastOpenedMs = 0
  const claims = new Map<string, Release>()

  const seal = () => {
    if (open) closed.push(open)
    open = undefined
  }

  const putHead = (batch: OpenBatch): boolean => {
    const head = envelope(batch.requestId)
    // A head that is written again counts again: too much rather than too little.
    batch.bodyBytes += byteLength(head)
    return records.put(batch, batch.name, head)
  }

  const start = ({ scope, attributes }: Context, nowMs: number, isStored: boolean): OpenBatch => {
    // Two batches of one millisecond need two names.
    lastOpenedMs = Math.max(nowMs, lastOpenedMs + 1)
    const batch: OpenBatch = {
      name: `q.${owner}.${lastOpenedMs}`,
      owner,
      openedMs: lastOpenedMs,
      events: [],
      isStored,
      storedChars: 0,
      requestId: uuid(),
      scope,
      attributes,
      bodyBytes: 0,
    }
    if (!claims.has(owner)) claims.set(owner, tabs.hold(owner))
    batch.isStored = putHead(batch) && isStored
    if (!batch.isStored) putHead(batch)
    return batch
  }

  const add = (batch: OpenBatch, text: string, bytes: number): boolean => {
    const name = `${batch.name}.${String(batch.events.length).padStart(6, '0')}`
    if (!records.put(batch, name, text)) return false
    batch.events.push(name)
    batch.bodyBytes += bytes
    return true
  }

  const giveUpIdleClaims = () => {
    for (const [name, release] of claims) {
      if (open?.owner === name || closed.some((batch) => batch.owner === name)) continue
      release()
      claims.delete(name)
    }
  }

  return {
    append: (event, context, nowMs) => {
      const text = JSON.stringify(event)
      const bytes = byteLength(text) + 1
      if (
        open &&
        (open.scope !== context.scope ||
          open.bodyBytes + bytes > BODY_BYTES ||
          nowMs - open.openedMs > OPEN_MS)
      )
        seal()
      open ??= start(context, nowMs, true)
      if (open.attributes !== context.attributes) {
        open.attributes = context.attributes
        putHead(open)
      }
      if (!add(open, text, bytes)) {
        seal()
        open = start(context, nowMs, false)
        add(open, text, bytes)
      }
    },
    opened: () => open,
    sealed: () => closed,
    seal,
    remove: (batch) => {
      records.remove(batch)
      closed = closed.filter((other) => other !== batch)
      giveUpIdleClaims()
    },
    adopt: async () => {
      const others = records.owners()
      await new Promise((resolve) => setTimeout(resolve, CLAIM_MS))
      const adopted = new Set<string>()
      for (const other of others) {
        if (other === owner || claims.has(other)) continue
        const release = await tabs.claim(other)
        if (!release) continue
        claims.set(other, release)
        adopted.add(other)
      }
      closed.unshift(...records.read(adopted))
      giveUpIdleClaims()
    },
    abandon: () => {
      seal()
      closed = closed.filter((batch) => !batch.isStored)
      owner = newOwner()
      giveUpIdleClaims()
    },
  }
}
