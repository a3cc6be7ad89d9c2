import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'

const sdk = createRequire(import.meta.url).resolve('@mparticle/web-sdk/dist/mparticle.js')

const markup = `<!doctype html><title>Shop</title><link rel="icon" href="data:,">
<form action="/blank" target="below"></form><a href="#here">Here</a><iframe name="below"></iframe>`

const files = new Map<string, [type: string, body: string | Buffer]>([
  ['/', ['text/html', `${markup}<script src="/sdk.js"></script><script src="/visit.js"></script>`]],
  ['/blank', ['text/html', '<!doctype html><link rel="icon" href="data:,">']],
  ['/sdk.js', ['text/javascript', readFileSync(sdk)]],
  ['/visit.js', ['text/javascript', readFileSync(new URL('visit.js', import.meta.url))]],
])

/** A shop with the mParticle web SDK, and a page without it. */
export const startShop = async () => {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://shop')
    const [type, body] = files.get(pathname) ?? []
    if (!type) return response.writeHead(404).end()
    return response.writeHead(200, { 'content-type': type }).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    stop: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
