import type { Client } from './api'
import { createClient } from './client'
import type { FullScriptOptions } from './features/full'
import { warn } from './warn'

type Call = [method: string, args: unknown[]]

/** What the snippet leaves behind: calls of any method, to be carried out. */
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
 * Makes the script's global `weir` work.
 *
 * @param useFeatures adds the features that the script has
 */
export const install = (useFeatures: (client: Client, options: FullScriptOptions) => Client) => {
  // A page may load the script twice.
  if (globalThis.weir && 'init' in globalThis.weir) return
  // The page may hold on to the stub and to its methods: both go on working.
  const stub = globalThis.weir ?? { q: [] }
  globalThis.weir = stub

  const { src = '', dataset = {} }: Partial<HTMLScriptElement> = Object(
    globalThis.document?.currentScript
  )
  // The worker serves the script at its root, and a copy that never changes at /sdk/<version>/.
  const endpoint = src.replace(/(\/sdk\/[^/]+)?\/[^/]*$/, '')
  let client: Client | undefined

  const carryOut = (...calls: Call[]) => {
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
    stub.q.push = carryOut
    carryOut(...waiting)
    return client
  }

  Object.assign(stub, { init, createClient })
  const first = stub.q.find(([method]) => method === 'init')
  if (dataset.key) init({ key: dataset.key })
  else if (first) carryOut(first)
}
