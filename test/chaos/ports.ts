import { createServer } from 'node:net'
import { wait } from './random'

const isFree = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const server = createServer()
    server.once('error', () => done(false))
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)))
  })

/**
 * A free port below those that the system gives to outgoing connections: one of them could take the
 * port of a worker that is down.
 */
export const quietPort = async (): Promise<number> => {
  let port = 20_000 + (process.pid % 10_000)
  while (!(await isFree(port))) port += 1
  return port
}

/** Resolves when nobody listens on a port any more. */
export const freed = async (port: number): Promise<void> => {
  for (let i = 0; i < 500; i++) {
    if (await isFree(port)) return
    await wait(10)
  }
  throw new Error(`Somebody still listens on port ${port}.`)
}
