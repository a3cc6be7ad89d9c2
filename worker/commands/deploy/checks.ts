import { setTimeout as wait } from 'node:timers/promises'
import type { VersionedWorkspace } from '../../admin/answers/workspace'
import { isObject } from '../../base/json'
import { Refusal, readWorkspace } from '../admin-api'

const pauseMs = 2000
const answerMs = 10_000

/** Retries until an attempt succeeds, is hopeless, or time runs out; then throws the last error. */
const patiently = async <T>(
  attempt: () => Promise<T>,
  { patienceMs, isHopeless }: { patienceMs: number; isHopeless?: (error: unknown) => boolean }
): Promise<T> => {
  const untilMs = Date.now() + patienceMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (isHopeless?.(error) || Date.now() + pauseMs > untilMs) throw error
      await wait(pauseMs)
    }
  }
}

const askHealth = async (url: string): Promise<void> => {
  const answer: unknown = await fetch(`${url}/health`, { signal: AbortSignal.timeout(answerMs) })
    .then((response) => response.json())
    .catch(() => undefined)
  if (isObject(answer) && answer.status === 'ok') return
  throw new Error(`${url}/health does not answer yet. A new name can take some minutes: try again.`)
}

/** Waits until weir answers there: a new host name takes a while. */
export const checkHealth = (url: string, patienceMs: number): Promise<void> =>
  patiently(() => askHealth(url), { patienceMs })

/** @throws Error when the token is not the deployment's, or a secret is missing */
export const checkAdmin = async (
  url: string,
  token: string,
  patienceMs: number
): Promise<VersionedWorkspace> => {
  const isRefused = (error: unknown) => error instanceof Refusal && error.status === 401
  try {
    // The version before, which may lack secrets, still answers for some seconds.
    return await patiently(() => readWorkspace({ url, token }), {
      patienceMs,
      isHopeless: isRefused,
    })
  } catch (error) {
    if (!isRefused(error)) throw error
    throw new Error('The deployment has another ADMIN_TOKEN than the environment.', {
      cause: error,
    })
  }
}
