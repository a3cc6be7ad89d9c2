import type { Feature } from '../core'
import { DEVICE } from '../envelope'

/** Records when the page starts, goes to the background, comes back and ends. */
export const transitions = (): Feature<object> => (core) => {
  if (core.closed.aborted) return {}
  const record = (transition: string, more: object = {}) =>
    core.record('application_state_transition', {
      application_transition_type: `application_${transition}`,
      ...more,
    })
  record('initialized', {
    is_first_run: !core.store.get(DEVICE),
    launch_referral: globalThis.document?.referrer || undefined,
  })
  // Captured, to come before the client's own listeners, which send what waits.
  const first = { capture: true }
  core.on(
    'visibilitychange',
    () => record(document.visibilityState === 'hidden' ? 'background' : 'foreground'),
    first
  )
  core.on('pagehide', (event) => event.persisted || record('exit'), first)
  return {}
}
