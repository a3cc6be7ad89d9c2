/** A session with a browser, by the W3C's WebDriver protocol. */
export interface Session {
  /** Of the browser. */
  version: string
  openWindow(url: string): Promise<string>
  closeWindow(handle: string): Promise<void>
  evaluate(handle: string, script: string): Promise<unknown>
  end(): Promise<void>
}

const call = async (method: string, url: string, body?: object): Promise<unknown> => {
  const init = body ? { method, body: JSON.stringify(body) } : { method }
  const response = await fetch(url, init)
  const { value } = (await response.json()) as { value: unknown }
  if (!response.ok) throw new Error(`${method} ${url}: ${JSON.stringify(value)}`)
  return value
}

/** Makes calls wait for each other: commands go to the window that was switched to last. */
const inTurn = () => {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(act: () => Promise<T>): Promise<T> => {
    const next = last.then(act)
    last = next.catch(() => {})
    return next
  }
}

export const openSession = async (driver: string, capabilities: object): Promise<Session> => {
  const { sessionId, capabilities: found } = (await call('POST', `${driver}/session`, {
    capabilities: { alwaysMatch: capabilities },
  })) as { sessionId: string; capabilities: { browserVersion: string } }
  const session = `${driver}/session/${sessionId}`
  const post = (command: string, body: object) => call('POST', `${session}/${command}`, body)
  const switchTo = (handle: string) => post('window', { handle })
  // Stays open: with its last window, a session ends.
  const first = (await call('GET', `${session}/window`)) as string
  const taking = inTurn()

  return {
    version: found.browserVersion,
    openWindow: (url) =>
      taking(async () => {
        await switchTo(first)
        const { handle } = (await post('window/new', { type: 'tab' })) as { handle: string }
        await switchTo(handle)
        await post('url', { url })
        return handle
      }),
    closeWindow: (handle) =>
      taking(async () => {
        await switchTo(handle)
        await call('DELETE', `${session}/window`)
      }),
    evaluate: (handle, script) =>
      taking(async () => {
        await switchTo(handle)
        return post('execute/sync', { script: `return eval(${JSON.stringify(script)})`, args: [] })
      }),
    end: () => taking(async () => void (await call('DELETE', session))),
  }
}
