import type { Feature } from '../core'
import { DEVICE } from '../envelope'

/** Records when the page starts, goes to the background, returns and ends. */
export const transitions = (): Feature<object> => (core) => {
  if (core.closed.aborted) return {}
  const record = (transition: string, fields: object = {}) =>
    core.record('application_state_transition', {
      application_transition_type: `application_${transition}`,
      ...fields,
    })
  record('initialized', {
    is_first_run: !core.store.get(DEVICE),
    launch_referral: globalThis.document?.referrer || undefined,
  })
  // Capturing listeners run before the client's own, which send the waiting events.
  const capturing = { capture: true }
  core.on(
    'visibilitychange',
    () => record(document.visibilityState === 'hidden' ? 'background' : 'foreground'),
    capturing
  )
  core.on('pagehide', (event) => event.persisted || record('exit'), capturing)
  return {}
}
