import type { Bindings } from '../config/deployment'
import { workspaceSnapshot } from '../config/snapshot'
import {
  blockedUntil,
  closeDue,
  covers,
  oldestNeeded,
  settle,
  type Window,
} from '../profiles/batching'
import type { EntryFacts } from '../profiles/entry'
import { type ParsedEntry, parseEntry } from './hand-off'
import { handOnWindows } from './hand-on'
import type { ProfileStore } from './store'

interface Place {
  env: Bindings
  waitUntil: (promise: Promise<unknown>) => void
  /** Asked anew after each wait: the profile may have gone and come back meanwhile. */
  store: () => ProfileStore
}

/** Hands on the windows of a profile that are due, and stores how far that came. */
export const handOnDue = async ({ env, waitUntil, store }: Place): Promise<void> => {
  const { head, state } = store()
  if (!head) return
  const now = Date.now()
  const blocked = blockedUntil(head, now)
  const windows = closeDue(head, now)
  const parsed = parseWindows(store(), windows)
  const seen = Math.max(0, ...parsed.map(({ entry }) => entry.version))
  const snapshot = await workspaceSnapshot(env, waitUntil, seen)
  const refusals = await handOnWindows({ env, head, state, snapshot, parsed, blocked }, windows)
  save(store(), windows, { blocked, refusals })
}

const parseWindows = (store: ProfileStore, windows: Window[]): ParsedEntry[] => {
  const from = Math.min(...windows.map((window) => window.from))
  const upto = Math.max(...windows.map((window) => window.upto ?? window.from))
  const isWanted = (facts: EntryFacts) => windows.some((window) => covers(window, facts))
  return store.entries(from, upto, isWanted).map(parseEntry)
}

const save = (
  store: ProfileStore,
  windows: Window[],
  outcome: { blocked: Map<string, number>; refusals: Map<Window, number> }
): void => {
  // An upload that came in meanwhile has replaced the head, so it is read again.
  const { head } = store
  if (!head) return
  const next = settle(head, windows, { ...outcome, now: Date.now(), random: Math.random })
  store.save(next, oldestNeeded(next))
}
