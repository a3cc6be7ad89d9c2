import { connect, type Socket } from 'node:net'
import { createServer } from 'node:tls'
import type { Certificate } from './certificate'

const host = '127.0.0.1'

export interface TlsFront {
  /** Without a slash at the end. */
  url: string
  stop(): Promise<void>
}

// Closes both sides when either closes or fails; the error itself is of no use here.
const join = (from: Socket, to: Socket): void => {
  from.pipe(to)
  from.on('error', () => to.destroy())
  from.once('close', () => to.destroy())
}

/**
 * Terminates TLS on a port of this machine and forwards connections to another port.
 *
 * @param port 0 lets the system choose
 * @throws when the port is in use
 */
export const startTlsFront = async (
  { key, cert }: Certificate,
  { port, to }: { port: number; to: number }
): Promise<TlsFront> => {
  const open = new Set<Socket>()
  const server = createServer({ key, cert, ALPNProtocols: ['http/1.1'] }, (client) => {
    const worker = connect(to, host)
    join(client, worker)
    join(worker, client)
    for (const socket of [client, worker]) {
      open.add(socket)
      socket.once('close', () => open.delete(socket))
    }
  })
  await new Promise<void>((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      fail(
        error.code === 'EADDRINUSE'
          ? new Error(`Port ${port} is in use. Stop what runs there or set HTTPS_PORT.`, {
              cause: error,
            })
          : error
      )
    )
    server.listen(port, host, done)
  })
  const address = server.address()
  const boundPort = typeof address === 'object' && address ? address.port : port
  return {
    url: `https://${host}:${boundPort}`,
    stop: () =>
      new Promise((done) => {
        server.close(() => done())
        for (const socket of open) socket.destroy()
      }),
  }
}
