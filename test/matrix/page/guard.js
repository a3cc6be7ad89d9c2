/*
 * First script of every page of the matrix: tells the site of errors, and talks to the scenario. Also
 * under a strict CSP and in a frame without an origin.
 */
{
  const { origin } = new URL(document.currentScript.src)
  const complain = (text) => navigator.sendBeacon(`${origin}/error`, text)
  addEventListener('error', (event) => complain(`${event.message} ${event.filename}`))
  addEventListener('unhandledrejection', (event) => complain(`unhandled: ${event.reason}`))
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
    complain(`${violatedDirective} forbids ${blockedURI}`)
  )

  /** Tells the scenario something. */
  globalThis.tell = (name, value) =>
    fetch(`${origin}/tell/${name}`, {
      method: 'POST',
      body: JSON.stringify(value),
      mode: 'no-cors',
    }).catch(() => {})

  /** Waits until the scenario says so. */
  globalThis.heard = (name) => fetch(`${origin}/until/${name}`).catch(() => {})

  /** Parts of batches that wait in localStorage. */
  globalThis.stored = () =>
    Object.keys(localStorage).filter((name) => name.startsWith('weir:test-key:q.')).length

  /** Records events with five attributes each. */
  globalThis.track = (count, prefix = 'm') => {
    for (let index = 0; index < count; index++) {
      const name = prefix + String(index).padStart(3, '0')
      weir.track(name, { index, colour: 'teal', size: 'large', price: 19.9, gift: true })
    }
  }

  /** Tells how much waits, over and over. */
  globalThis.watch = async (name) => {
    for (;;) {
      await tell(name, stored())
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  /** Stands in for a connection that is gone, where no driver can take it away. Outlives a reload. */
  globalThis.pretendOffline = (isOffline) => {
    sessionStorage.offline = isOffline ? 'yes' : ''
    const onLine = { configurable: true, get: () => !sessionStorage.offline }
    Object.defineProperty(navigator, 'onLine', onLine)
    dispatchEvent(new Event(isOffline ? 'offline' : 'online'))
  }
  try {
    if (sessionStorage.offline) pretendOffline(true)
  } catch {
    // No storage: no scenario with both.
  }
}
