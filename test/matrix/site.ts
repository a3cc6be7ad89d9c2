import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

const file = (path: string) => readFileSync(new URL(path, import.meta.url))

interface Content {
  body: string | Buffer
  type: string
  headers?: Record<string, string>
}

export interface PageOptions {
  /** Runs after the SDK has loaded. */
  script?: string
  /** Markup. */
  body?: string
  headers?: Record<string, string>
}

/** A web site of its own origin: pages with the built SDK, and a line to the scenario. */
export const startSite = async () => {
  const contents = new Map<string, Content>([
    ['/weir.js', { body: file('../../dist/sdk/weir.js'), type: 'text/javascript' }],
    ['/guard.js', { body: file('page/guard.js'), type: 'text/javascript' }],
    ['/service-worker.js', { body: file('page/service-worker.js'), type: 'text/javascript' }],
  ])
  const told = new Map<string, unknown>()
  const said = new Set<string>()
  const listeners = new Map<string, ServerResponse[]>()
  const errors: string[] = []

  const receive = async (request: IncomingMessage, [, kind = '', name = '']: string[]) => {
    const body = await text(request)
    if (kind === 'error') errors.push(body)
    else told.set(name, JSON.parse(body))
  }

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { pathname } = new URL(request.url ?? '/', 'http://site')
    const parts = pathname.split('/')
    const [, kind, name = ''] = parts
    const content = contents.get(pathname)
    if (request.method === 'POST') await receive(request, parts)
    if (kind === 'until' && !said.has(name))
      return void listeners.set(name, [...(listeners.get(name) ?? []), response])
    // A page left for another must not come back without its scripts running.
    if (!content) return void response.writeHead(204).end()
    response.writeHead(200, { 'content-type': content.type, ...content.headers }).end(content.body)
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    origin,
    /** Puts a page there and tells its address. Its script is a file, for a CSP to allow. */
    page: ({ script = '', body = '', headers = {} }: PageOptions) => {
      const path = `/${contents.size}`
      const scripts = ['/guard.js', '/weir.js', `${path}.js`]
      const tags = scripts.map((src) => `<script src="${src}"></script>`).join('')
      const html = `<!doctype html><title>Shop</title><body>${body}${tags}`
      contents.set(path, { body: html, type: 'text/html', headers })
      contents.set(`${path}.js`, { body: script, type: 'text/javascript' })
      return origin + path
    },
    /** What a page told last under this name. */
    told: (name: string) => told.get(name),
    /** Lets pages go on that wait for this. */
    say: (name: string) => {
      said.add(name)
      for (const response of listeners.get(name) ?? []) response.writeHead(204).end()
    },
    /** What went wrong in pages: errors that nobody caught, and what a CSP forbade. */
    errors,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

export type Site = Awaited<ReturnType<typeof startSite>>
