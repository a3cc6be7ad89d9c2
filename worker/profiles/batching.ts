import { audienceSource } from '../audiences/rule'
import type { Environment } from '../batch'
import { waitBeforeRetry } from '../delivery'
import type { Entry, EntryFacts } from './entry'
import { type EventMention, mentionedEvents, type Upload, type WindowKind } from './upload'

/** The entries of one device that are sent as one batch. */
export interface Window {
  id: number
  kind: WindowKind
  input: string
  environment: Environment
  device: string
  session?: string
  /** The `seq` of its first entry. */
  from: number
  /** The `seq` of its last entry, once it is closed. */
  upto?: number
  bytes: number
  due_ms: number
  /** The connections whose outboxes have not stored it yet; absent before the first attempt. */
  todo?: string[]
  /** Failed attempts in a row. */
  tries?: number
  /**
   * The number of shards of each connection at the first attempt, so that retries use the same
   * outbox.
   */
  shards?: Record<string, number>
  /**
   * The time of the first attempt that an outbox may have stored although it seemed to fail, ms.
   */
  since_ms?: number
}

/** The small part of a profile that changes with every upload. */
export interface Head {
  mpid: string
  /**
   * Random. A profile that is erased and created again gets another one, so that hand-off ids
   * differ.
   */
  epoch: string
  next_seq: number
  next_window: number
  windows: Window[]
  registered: boolean
  /** The links that are not in the directory yet. */
  unlinked?: string[]
  last_ms: number
  /** Type and name of the newest events, newest first. */
  latest?: (EventMention & { at_ms: number; input: string })[]
  /** When the profile was created, ms. */
  created_ms?: number
}

// A session without an end is sent this long after its last event.
const sessionTimeoutMs = 24 * 3_600_000
// Keeps the deliveries of a window far below the 32 MiB that an RPC carries.
const windowChars = 256 * 1024
// With more windows, sessions are sent at once: a sender with many session ids must not fill the
// profile.
const mostWaitingWindows = 200

/** Adds links that are not in the directory yet. */
export const withUnlinked = (head: Head, hashes: string[]): Head =>
  hashes.length === 0 ? head : { ...head, unlinked: [...(head.unlinked ?? []), ...hashes] }

const latestOf = (head: Head, upload: Upload): Pick<Head, 'latest'> => {
  // An upload that only changes consent has no text.
  if (upload.text === '' || !upload.latest?.length) return {}
  const { received_ms: at_ms, input } = upload
  const mentioned = upload.latest.toReversed().map((mention) => ({ ...mention, at_ms, input }))
  return { latest: [...mentioned, ...(head.latest ?? [])].slice(0, mentionedEvents) }
}

type NewWindow = Pick<Window, 'kind' | 'due_ms'> & Partial<Pick<Window, 'session'>>

// A window closes this long before it is due. An object that restarts right after it handed a
// window on must not find it still open, even if its clock is a little behind.
const closingMs = (windowMs: number): number => Math.min(5000, windowMs / 4)

/**
 * Adds an upload as entry `head.next_seq`: opens, extends and closes windows.
 *
 * @param now by the object's own clock, ms, which also decides when windows are due
 */
export const arrive = (
  head: Head,
  upload: Upload,
  { now, windowMs }: { now: number; windowMs: number }
): Head => {
  const seq = head.next_seq
  const next: Head = {
    ...head,
    next_seq: seq + 1,
    last_ms: upload.received_ms,
    ...latestOf(head, upload),
    windows: head.windows.map((window) =>
      window.upto === undefined && window.due_ms <= now + closingMs(windowMs)
        ? { ...window, upto: seq - 1 }
        : { ...window }
    ),
  }
  const open = (kindAndDue: NewWindow): Window => {
    const { input, environment, device } = upload
    const id = next.next_window++
    const window = { ...kindAndDue, id, from: seq, bytes: 0, input, environment, device }
    next.windows.push(window)
    return window
  }
  const findOpen = (kind: WindowKind, session?: string): Window | undefined =>
    next.windows.find(
      (window) =>
        window.kind === kind &&
        window.upto === undefined &&
        window.session === session &&
        window.input === upload.input &&
        window.environment === upload.environment &&
        window.device === upload.device
    )
  const extend = (window: Window, isOver: boolean): void => {
    window.bytes += upload.text.length
    if (!isOver && window.bytes < windowChars) return
    window.upto = seq
    window.due_ms = now
  }
  for (const kind of upload.windows) {
    if (kind === 'each') extend(open({ kind, due_ms: now }), true)
    if (kind === 'batch') extend(findOpen(kind) ?? open({ kind, due_ms: now + windowMs }), false)
    if (kind !== 'session') continue
    for (const { id, ended } of upload.sessions) {
      const window = findOpen(kind, id) ?? open({ kind, due_ms: 0, session: id })
      window.due_ms = now + sessionTimeoutMs
      extend(window, ended || next.windows.length > mostWaitingWindows)
    }
  }
  return next
}

/**
 * Adds triggers as entries of a window that is due at once.
 *
 * @param triggers JSON texts, oldest first
 */
export const raise = (
  head: Head,
  triggers: string[],
  { now, version }: { now: number; version: number }
): { head: Head; entries: Entry[] } => {
  if (triggers.length === 0) return { head, entries: [] }
  const origin = { input: audienceSource, environment: 'production', device: '' } as const
  const entries = triggers.map((text, i): Entry => {
    const seq = head.next_seq + i
    const facts = {
      version,
      received_ms: now,
      ids: '',
      edge: { channel: 'server_to_server' },
    } as const
    return { kind: 'trigger', seq, text, notifications: [], ...origin, ...facts }
  })
  const window: Window = {
    ...origin,
    kind: 'each',
    id: head.next_window,
    from: head.next_seq,
    upto: head.next_seq + entries.length - 1,
    bytes: triggers.reduce((sum, text) => sum + text.length, 0),
    due_ms: now,
  }
  return {
    head: {
      ...head,
      next_seq: head.next_seq + entries.length,
      next_window: head.next_window + 1,
      windows: [...head.windows, window],
    },
    entries,
  }
}

/** Whether a window covers an entry. Some of the entry's events may belong to another window. */
export const covers = (window: Window, entry: EntryFacts): boolean =>
  entry.seq >= window.from &&
  entry.seq <= (window.upto ?? Number.POSITIVE_INFINITY) &&
  entry.input === window.input &&
  entry.environment === window.environment &&
  entry.device === window.device

/** The `seq` of the oldest entry that a window needs. Earlier entries can be deleted. */
export const oldestNeeded = (head: Head): number =>
  Math.min(head.next_seq, ...head.windows.map((window) => window.from))

export const nextDueMs = (head: Head): number | undefined =>
  head.windows.length > 0 ? Math.min(...head.windows.map((window) => window.due_ms)) : undefined

// Of the windows that are in memory together.
const mostChars = 8 * 1024 * 1024

/**
 * Closes the due windows, and returns as many as memory allows, oldest first. The closing is in
 * memory only; an upload that arrives while a window is handed on stores it, so that the window
 * never grows after an attempt.
 */
export const closeDue = (head: Head, now: number): Window[] => {
  const due = head.windows
    .filter((window) => window.due_ms <= now)
    .sort((a, b) => a.from - b.from || a.id - b.id)
  let chars = 0
  const fitting = due.filter((window, i) => {
    chars += window.bytes
    return i === 0 || chars <= mostChars
  })
  for (const window of fitting) window.upto ??= head.next_seq - 1
  return fitting
}

/**
 * By connection with a window that waits for a retry: the time of that retry, ms. Its later windows
 * wait until then, which keeps their order.
 */
export const blockedUntil = (head: Head, now: number): Map<string, number> => {
  const blocked = new Map<string, number>()
  for (const { todo = [], due_ms } of head.windows) {
    if (due_ms <= now) continue
    for (const id of todo) blocked.set(id, Math.max(due_ms, blocked.get(id) ?? 0))
  }
  return blocked
}

interface Settling {
  /** See `blockedUntil`. */
  blocked: Map<string, number>
  /** By window: how many connections rejected it, so that they have certainly not stored it. */
  refusals: Map<Window, number>
  now: number
  random: () => number
}

/**
 * Records the result of attempts: windows that all connections stored are removed, the others get
 * the time of their next attempt.
 */
export const settle = (head: Head, windows: Window[], settling: Settling): Head => {
  for (const window of windows) if (window.todo?.length) postpone(window, window.todo, settling)
  const settled = new Map(windows.map((window) => [window.id, window]))
  return {
    ...head,
    windows: head.windows
      .map((window) => settled.get(window.id) ?? window)
      .filter((window) => window.todo === undefined || window.todo.length > 0),
  }
}

const postpone = (
  window: Window,
  todo: string[],
  { blocked, refusals, now, random }: Settling
): void => {
  // All remaining connections rejected it, so no earlier attempt was stored unnoticed.
  if (refusals.get(window) === todo.length) window.since_ms = now
  // From now on, any attempt may repeat one that was stored although it seemed to fail.
  window.since_ms ??= window.due_ms
  if (todo.every((id) => blocked.has(id))) {
    window.due_ms = Math.max(...todo.map((id) => blocked.get(id) ?? now))
    return
  }
  window.tries = (window.tries ?? 0) + 1
  window.due_ms = now + waitBeforeRetry({ kind: 'retry', reason: '' }, window.tries, random())
}
