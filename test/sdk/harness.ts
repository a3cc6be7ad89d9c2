import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type BrowserContext, chromium } from 'playwright-core'
import { expect } from 'vitest'
import type { Collector } from './collector'

export const built = (name: string): Buffer =>
  readFileSync(new URL(`../../dist/sdk/${name}`, import.meta.url))

export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium' })

/** Retries an assertion until it holds. */
export const eventually = <T>(read: () => T | Promise<T>) =>
  expect.poll(read, { timeout: 20_000, interval: 20 })

const SCRIPTS = ['/weir.js', '/weir-full.js', '/weir-push.js', '/weir.mjs']

/** A web site, at its own origin, that serves the built SDK and some pages. */
export const startSite = async () => {
  const pages = new Map<string, string>()
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://site')
    const page = pages.get(pathname)
    if (page !== undefined) {
      const type = pathname.endsWith('.js') ? 'text/javascript' : 'text/html'
      return response.writeHead(200, { 'content-type': type }).end(page)
    }
    if (!SCRIPTS.includes(pathname)) return response.writeHead(404).end()
    return response
      .writeHead(200, { 'content-type': 'text/javascript' })
      .end(built(pathname.slice(1)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  return {
    origin,
    /** Puts a page there and tells its address. */
    page: (html: string) => {
      const path = `/${pages.size}`
      pages.set(path, `<!doctype html><title>Shop</title>${html}`)
      return origin + path
    },
    /** Puts a script at a path. */
    script: (path: string, code: string) => {
      pages.set(path, code)
    },
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

export type Site = Awaited<ReturnType<typeof startSite>>

/**
 * Markup that loads the SDK and starts it. Timers are short and nothing is recorded by itself, unless
 * a test sets them.
 */
export const sdkPage = (collector: Collector, options: object = {}, script = '/weir.js') => {
  const quiet = { batchWaitMs: 50, pages: false, campaign: false }
  const all = { key: 'test-key', endpoint: collector.origin, ...quiet, ...options }
  return `<script src="${script}"></script><script>weir.init(${JSON.stringify(all)})</script>`
}

export const openPage = async (
  context: BrowserContext,
  site: Site,
  collector: Collector,
  options: object = {},
  script?: string
) => {
  const page = await context.newPage()
  await page.goto(site.page(sdkPage(collector, options, script)))
  return page
}

/** Names of what the SDK keeps in localStorage for the queue. */
export const STORED =
  "Object.keys(localStorage).filter((name) => name.startsWith('weir:test-key:q.')).length"
