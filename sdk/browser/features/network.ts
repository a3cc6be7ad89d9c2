import type { Feature } from '../core'

/** Options of {@link network}. */
export interface NetworkOptions {
  /**
   * `true`: also images, scripts, styles and everything else that the page loads. Default `false`.
   */
  resources?: boolean
  /** `true`: addresses with their query, which may hold personal data. Default `false`. */
  query?: boolean
}

interface Call {
  url: string
  method: string
  startMs: number
}

const MOST_CALLS = 100

/** Calls `onCall` with address and method of each fetch and XMLHttpRequest of the page. */
const watchCalls = (onCall: (address: string, method: string) => void): void => {
  const { fetch, XMLHttpRequest } = globalThis
  globalThis.fetch = (input, init) => {
    const request = input instanceof Request ? input : undefined
    onCall(request?.url ?? String(input), init?.method ?? request?.method ?? 'GET')
    return fetch(input, init)
  }
  // May be missing in web workers.
  const open = XMLHttpRequest?.prototype.open
  if (!open) return
  XMLHttpRequest.prototype.open = function (this: XMLHttpRequest, ...args: unknown[]) {
    onCall(String(args[1]), String(args[0]))
    return Reflect.apply(open, this, args)
  }
}

/**
 * Records how long the requests of the page took: method, address, status, duration, bytes. Uploads
 * of weir are left out. Other origins tell bytes only with `Timing-Allow-Origin`, and some browsers
 * no status.
 */
export const network =
  (options?: boolean | NetworkOptions): Feature<object> =>
  ({ record, closed, url: uploadUrl }) => {
    if (closed.aborted) return {}
    const { resources = false, query = false } = typeof options === 'object' ? options : {}
    // The browser's measurements do not include the method.
    let calls: Call[] = []
    watchCalls((address, method) => {
      try {
        const url = new URL(address, globalThis.document?.baseURI ?? location.href)
        url.hash = ''
        const call = { url: url.href, method: method.toUpperCase(), startMs: performance.now() }
        calls = [...calls.slice(-MOST_CALLS), call]
      } catch {
        // An invalid address: the call itself will fail.
      }
    })

    const methodOf = ({ name, startTime }: PerformanceResourceTiming) =>
      [...calls].reverse().find(({ url, startMs }) => url === name && startMs <= startTime)?.method

    const report = (entry: PerformanceResourceTiming) => {
      const { name, initiatorType } = entry
      const isCall = initiatorType === 'fetch' || initiatorType === 'xmlhttprequest'
      if (name.startsWith(uploadUrl) || !(isCall || resources)) return
      record('network_performance', {
        http_verb: (isCall && methodOf(entry)) || 'GET',
        url: query ? name : name.replace(/\?.*/, ''),
        time_elapsed: Math.round(entry.duration),
        bytes_in: entry.transferSize || entry.encodedBodySize,
        response_code: entry.responseStatus || undefined,
        custom_attributes: { initiator: initiatorType },
      })
    }

    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries())
        if (entry instanceof PerformanceResourceTiming) report(entry)
    })
    observer.observe({ type: 'resource', buffered: true })
    closed.addEventListener('abort', () => observer.disconnect())
    return {}
  }
