import type { Feature } from '../core'
import { uuid } from '../uuid'

/** A visit: what happens without a long pause, over all tabs. */
export interface Session {
  /** `session_uuid` of its events. */
  id: string
  /** First and latest event, ms. The latter may be a second behind. */
  startMs: number
  lastMs: number
}

/** When {@link sessions} are over. */
export interface SessionsOptions {
  /** Inactivity in milliseconds, over all tabs, after which a session is over. Default 30 minutes. */
  timeoutMs?: number
}

/** Methods of the feature {@link sessions}. */
export interface Sessions {
  /** The session, if one is under way. */
  session(): Session | undefined
  /** Ends the session now. The next event begins another. */
  endSession(): void
}

/** As it lies in the store. */
interface Stored extends Session {
  /** The id of the next session, so that tabs that begin it at the same moment begin the same one. */
  next: string
}

// How often activity is written down, at most, of the time after which a session is over: a write per
// event would double its cost. A second of half an hour.
const STEPS = 1800

/**
 * Records start and end of sessions, and tells of each event to which it belongs. To be used before
 * what records by itself.
 */
export const sessions =
  ({ timeoutMs = 1_800_000 }: SessionsOptions = {}): Feature<Sessions> =>
  (core) => {
    const { store, record } = core

    const load = (): Stored => {
      const text = store.get('session') ?? ''
      const [startMs = '', lastMs = '', id = '', next = uuid()] = text.split(' ')
      return { id, startMs: +startMs, lastMs: +lastMs, next }
    }
    const save = ({ id, startMs, lastMs, next }: Stored) =>
      store.set('session', `${startMs} ${lastMs} ${id} ${next}`)

    // Also true of a record that was tampered with: comparisons with NaN are false.
    const isOver = ({ lastMs }: Session) => !(Date.now() - lastMs <= timeoutMs)

    const about = ({ id, startMs }: Session) => ({
      session_uuid: id,
      session_start_unixtime_ms: startMs,
    })

    const endSession = () => {
      const session = load()
      const { id, startMs, lastMs } = session
      if (!id) return
      // Emptied rather than removed: another tab would fall back on what it remembers.
      save({ ...session, id: '', lastMs: 0 })
      record('session_end', {
        timestamp_unixtime_ms: lastMs,
        session_duration_ms: lastMs - startMs,
        ...about(session),
      })
    }

    const visit = (): Session => {
      const session = load()
      const nowMs = Date.now()
      if (isOver(session)) {
        endSession()
        const begun = { id: session.next, startMs: nowMs, lastMs: nowMs, next: uuid() }
        save(begun)
        // Tabs that begin it at the same moment report it under the same id.
        record('session_start', { source_message_id: begun.id, ...about(begun) })
        return begun
      }
      if (nowMs - session.lastMs >= timeoutMs / STEPS) save({ ...session, lastMs: nowMs })
      return session
    }

    core.hooks.push(({ data }) => {
      if (!data.session_uuid) Object.assign(data, about(visit()))
    })
    core.beforeUserChange = (isReset) => void (isReset ? endSession() : visit())
    core.onTick = () => {
      if (isOver(load())) endSession()
    }

    return {
      session: () => {
        const { next, ...session } = load()
        return isOver(session) ? undefined : session
      },
      endSession,
    }
  }
