import { once } from 'node:events'
import { WebSocket } from 'undici'

/** A connection to a browser, by the W3C's WebDriver BiDi protocol. */
export interface Connection {
  send(method: string, params: object): Promise<Record<string, unknown>>
  close(): void
}

interface Answer {
  id: number | null
  type: 'success' | 'error' | 'event'
  result: Record<string, unknown>
  message: string
}

interface Waiting {
  method: string
  done: (result: Record<string, unknown>) => void
  fail: (error: Error) => void
}

export const connect = async (url: string): Promise<Connection> => {
  const socket = new WebSocket(url)
  const waiting = new Map<number, Waiting>()
  let count = 0
  socket.addEventListener('message', ({ data }) => {
    const { id, type, result, message }: Answer = JSON.parse(String(data))
    const command = waiting.get(id ?? 0)
    if (!command) return
    waiting.delete(id ?? 0)
    if (type === 'success') command.done(result)
    else command.fail(new Error(`${command.method}: ${message}`))
  })
  socket.addEventListener('close', () => {
    for (const { method, fail } of waiting.values())
      fail(new Error(`${method}: the browser is gone`))
    waiting.clear()
  })
  await once(socket, 'open')
  return {
    send: (method, params) =>
      new Promise((done, fail) => {
        count += 1
        waiting.set(count, { method, done, fail })
        socket.send(JSON.stringify({ id: count, method, params }))
      }),
    close: () => socket.close(),
  }
}
