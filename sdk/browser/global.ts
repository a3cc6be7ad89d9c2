import type { Client } from './api'
import { createClient } from './client'
import type { FullScriptOptions } from './features/full'
import { warn } from './warn'

type Call = [method: string, args: unknown[]]

/** The snippet's object: its queue holds calls of any method. */
interface Stub {
  q: Call[]
}

declare global {
  var weir: Stub | undefined
  interface Navigator {
    globalPrivacyControl?: boolean
  }
}

/**
 * Defines the script's global `weir`, and makes the calls that the snippet has queued.
 *
 * @param useFeatures adds the script's features to a client
 */
export const install = (useFeatures: (client: Client, options: FullScriptOptions) => Client) => {
  // A page may load the script twice.
  if (globalThis.weir && 'init' in globalThis.weir) return
  // The page may have stored the stub or its methods: these must go on working.
  const stub = globalThis.weir ?? { q: [] }
  globalThis.weir = stub

  const { src = '', dataset = {} }: Partial<HTMLScriptElement> = Object(
    globalThis.document?.currentScript
  )
  // The worker serves the script at its root, and an immutable copy at /sdk/<version>/.
  const endpoint = src.replace(/(\/sdk\/[^/]+)?\/[^/]*$/, '')
  let client: Client | undefined

  const makeCalls = (...calls: Call[]) => {
    for (const [method, args] of calls)
      if (method in stub) Reflect.get(stub, method)(...args)
      else warn(`no ${method}`)
    return 0
  }

  const init = (options: FullScriptOptions): Client => {
    if (client) return client
    const all = { ...(endpoint && { endpoint }), ...options }
    client = Object.assign(stub, useFeatures(createClient(all), all))
    const waiting = stub.q.splice(0)
    stub.q.push = makeCalls
    makeCalls(...waiting)
    return client
  }

  Object.assign(stub, { init, createClient })
  const first = stub.q.find(([method]) => method === 'init')
  if (dataset.key) init({ key: dataset.key })
  else if (first) makeCalls(first)
}
