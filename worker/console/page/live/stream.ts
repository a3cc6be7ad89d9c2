/** An accepted event, as `worker/dialects/sample.ts` has it. */
export interface Sample {
  at_ms: number
  input: string
  mpid: string
  type: string
  name: string
  environment: string
  event: string
  batch: string
}

export interface Shown {
  samples: Sample[]
  /** How many more were left out, since there were too many. */
  dropped: number
}

interface Watching {
  filter: () => Record<string, string>
  onState: (text: string) => void
  onShown: (shown: Shown) => void
}

const renewMs = 10_000
// Long enough for a short look at another tab.
const hiddenMs = 300_000
const waitsMs = [1000, 2000, 5000, 10_000]

/** Streams events while the page is visible; reconnects by itself. */
export const openStream = ({ filter, onState, onShown }: Watching): { watch: () => void } => {
  let socket: WebSocket | undefined
  let failures = 0
  let hidden: number | undefined
  let isResting = false

  const watch = (): void => {
    if (socket?.readyState !== WebSocket.OPEN) return
    socket.send(JSON.stringify({ watch: filter() }))
  }

  const open = (): void => {
    const url = new URL(`${location.pathname.replace(/\/$/, '')}/stream`, location.href)
    url.protocol = url.protocol.replace('http', 'ws')
    const opened = new WebSocket(url)
    socket = opened
    opened.addEventListener('open', () => {
      failures = 0
      onState('Watching.')
      watch()
    })
    opened.addEventListener('message', ({ data }) => onShown(JSON.parse(String(data)) as Shown))
    opened.addEventListener('close', () => {
      if (socket !== opened || isResting) return
      const waitMs = waitsMs[Math.min(failures, waitsMs.length - 1)]
      failures += 1
      onState('Not connected. Trying again …')
      setTimeout(open, waitMs)
    })
  }

  const rest = (): void => {
    isResting = true
    socket?.close()
    onState('Stopped while this page was hidden.')
  }

  document.addEventListener('visibilitychange', () => {
    clearTimeout(hidden)
    if (document.visibilityState === 'hidden') hidden = window.setTimeout(rest, hiddenMs)
    else if (isResting) {
      isResting = false
      open()
    }
  })
  // A page in the browser's back/forward cache must not keep streaming.
  addEventListener('pagehide', () => {
    isResting = true
    socket?.close()
  })
  addEventListener('pageshow', ({ persisted }) => {
    if (!persisted) return
    isResting = false
    open()
  })

  setInterval(watch, renewMs)
  open()
  return { watch }
}
