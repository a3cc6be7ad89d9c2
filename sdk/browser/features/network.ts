import type { Feature } from '../core'

/** What {@link network} records. */
export interface NetworkOptions {
  /** `true`: also images, scripts, styles and whatever else the page loads. Default `false`. */
  resources?: boolean
  /** `true`: addresses with their query, which may tell more than you want. Default `false`. */
  query?: boolean
}

interface Call {
  url: string
  method: string
  startMs: number
}

const MOST_CALLS = 100

/** Calls `note` with address and method of each fetch and XMLHttpRequest that the page makes. */
const watchCalls = (note: (address: string, method: string) => void): void => {
  const { fetch, XMLHttpRequest } = globalThis
  globalThis.fetch = (input, init) => {
    const request = input instanceof Request ? input : undefined
    note(request?.url ?? String(input), init?.method ?? request?.method ?? 'GET')
    return fetch(input, init)
  }
  // Web workers may have none.
  const open = XMLHttpRequest?.prototype.open
  if (!open) return
  XMLHttpRequest.prototype.open = function (this: XMLHttpRequest, ...args: unknown[]) {
    note(String(args[1]), String(args[0]))
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
  ({ record, closed, url: own }) => {
    if (closed.aborted) return {}
    const { resources = false, query = false } = typeof options === 'object' ? options : {}
    // The browser measures, yet does not tell the method.
    let calls: Call[] = []
    watchCalls((address, method) => {
      try {
        const url = new URL(address, globalThis.document?.baseURI ?? location.href)
        url.hash = ''
        const call = { url: url.href, method: method.toUpperCase(), startMs: performance.now() }
        calls = [...calls.slice(-MOST_CALLS), call]
      } catch {
        // The page is about to learn of it from the call itself.
      }
    })

    const methodOf = ({ name, startTime }: PerformanceResourceTiming) =>
      [...calls].reverse().find(({ url, startMs }) => url === name && startMs <= startTime)?.method

    const report = (entry: PerformanceResourceTiming) => {
      const { name, initiatorType } = entry
      const isCall = initiatorType === 'fetch' || initiatorType === 'xmlhttprequest'
      if (name.startsWith(own) || !(isCall || resources)) return
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
