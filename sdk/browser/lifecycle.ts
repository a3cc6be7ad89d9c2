/** What a page goes through, as far as uploads care. */
export interface Moments {
  /** Hidden, perhaps for good: mobile browsers end hidden pages without another word. */
  hidden(): void
  /** Gone, or frozen in the back/forward cache. */
  gone(): void
  /** Taken out of the back/forward cache. */
  restored(): void
  /** Visible or online again. */
  back(): void
}

/** @returns how to stop watching */
export const watchPage = ({ hidden, gone, restored, back }: Moments): (() => void) => {
  const watch = new AbortController()
  const on = (target: EventTarget | undefined, type: string, listener: (event: Event) => void) =>
    target?.addEventListener(type, listener, { signal: watch.signal })
  on(globalThis.document, 'visibilitychange', () =>
    document.visibilityState === 'hidden' ? hidden() : back()
  )
  on(globalThis, 'pagehide', gone)
  on(globalThis, 'pageshow', (event) => {
    if ('persisted' in event && event.persisted) restored()
  })
  on(globalThis, 'online', back)
  return () => watch.abort()
}
