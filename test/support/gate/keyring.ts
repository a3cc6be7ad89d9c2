import { randomBytes } from 'node:crypto'
import type { Credentials } from './checks'

/** The credentials the gate accepts: those it was started with and those it handed out. */
export function openKeyring(permanent: Credentials[], now: () => number) {
  const known = new Map(permanent.map((credentials) => [credentials.accessKeyId, credentials]))
  const sessions: Required<Credentials>[] = []
  return {
    find: (accessKeyId: string): Credentials | undefined => known.get(accessKeyId),
    issue(lifetimeS: number): Required<Credentials> {
      const session = {
        accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
        secretAccessKey: randomBytes(30).toString('base64'),
        sessionToken: randomBytes(96).toString('base64'),
        expiresAtMs: now() + lifetimeS * 1000,
      }
      sessions.push(session)
      known.set(session.accessKeyId, session)
      return session
    },
    /** Ends every session now, so that the next request with one gets `ExpiredToken`. */
    expireSessions(): void {
      for (const session of sessions) session.expiresAtMs = Math.min(session.expiresAtMs, now())
    },
    sessionCount: () => sessions.length,
  }
}

export type Keyring = ReturnType<typeof openKeyring>
