import type { Feature } from '../core'
import { uuid } from '../uuid'

/** A session: a visit without a long pause, over all tabs. */
export interface Session {
  /** `session_uuid` of its events. */
  id: string
  /** Times of the first and the latest event, ms. The latter may be a second behind. */
  startMs: number
  lastMs: number
}

/** Options of {@link sessions}. */
export interface SessionsOptions {
  /** A session ends after this much inactivity in all tabs, in milliseconds. Default 30 minutes. */
  timeoutMs?: number
}

/** Methods of the feature {@link sessions}. */
export interface Sessions {
  /** The current session, if any. */
  session(): Session | undefined
  /** Ends the session now. The next event starts another. */
  endSession(): void
}

/** A session as it is stored. */
interface Stored extends Session {
  /** The id of the next session, so that tabs that start it at the same time use the same id. */
  next: string
}

// Activity is stored at most once per `timeoutMs / STEPS`, which is a second of the default half
// hour: a write per event would double its cost.
const STEPS = 1800

/**
 * Records start and end of sessions, and adds the session to each event. Add it before features
 * that record by themselves.
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

    // Written so that it is true of NaN, which an invalid stored value gives.
    const isOver = ({ lastMs }: Session) => !(Date.now() - lastMs <= timeoutMs)

    const sessionFields = ({ id, startMs }: Session) => ({
      session_uuid: id,
      session_start_unixtime_ms: startMs,
    })

    const endSession = () => {
      const session = load()
      const { id, startMs, lastMs } = session
      if (!id) return
      // Emptied, not removed: for a removed value other tabs would use their copy in memory.
      save({ ...session, id: '', lastMs: 0 })
      record('session_end', {
        timestamp_unixtime_ms: lastMs,
        session_duration_ms: lastMs - startMs,
        ...sessionFields(session),
      })
    }

    const continueOrStart = (): Session => {
      const session = load()
      const nowMs = Date.now()
      if (isOver(session)) {
        endSession()
        const started = { id: session.next, startMs: nowMs, lastMs: nowMs, next: uuid() }
        save(started)
        // The same id in tabs that start it at the same time, so that the server deduplicates.
        record('session_start', { source_message_id: started.id, ...sessionFields(started) })
        return started
      }
      if (nowMs - session.lastMs >= timeoutMs / STEPS) save({ ...session, lastMs: nowMs })
      return session
    }

    core.hooks.push(({ data }) => {
      if (!data.session_uuid) Object.assign(data, sessionFields(continueOrStart()))
    })
    core.beforeUserChange = (isReset) => void (isReset ? endSession() : continueOrStart())
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
