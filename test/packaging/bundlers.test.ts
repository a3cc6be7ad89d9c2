import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import webpack from 'webpack'
import { type Collector, startCollector } from '../sdk/collector'
import { eventually, launch } from '../sdk/harness'
import { createProject, type Project } from './project'
import { serveFolder } from './site'

const PAGE = `
  import { createClient, people } from 'weir'
  const endpoint = new URLSearchParams(location.search).get('collector')
  const weir = createClient({ key: 'test-key', endpoint, batchWaitMs: 50 }).use(people())
  weir.set({ plan: 'pro' })
  weir.track('Bundled')
`
const CORE = `
  import { createClient } from 'weir'
  createClient({ key: 'test-key' }).track('Bundled')
`
// What each feature alone has.
const TRACES = {
  people: 'user_attribute_change',
  privacy: 'opt_out',
  sessions: 'session_start',
  commerce: 'commerce_event',
  errors: 'crash_report',
  pages: 'currententrychange',
  campaign: 'utm_',
  debug: 'console.debug',
  aliases: 'device_application_stamp',
  push: 'push_registration',
  geolocation: 'watchPosition',
  network: 'network_performance',
  transitions: 'application_state_transition',
  watchPush: 'waitUntil',
}

const html = (source: string) =>
  `<!doctype html><title>Shop</title><body><script type="module" src="${source}"></script>`

let project: Project

/** Both build the page's code into a folder and tell its name. */
const bundlers = {
  vite: async (name: string) => {
    const root = join(project.folder, name)
    project.write(`${name}/index.html`, html('/page.js'))
    await build({ root, configFile: false, logLevel: 'silent' })
    return `${name}/dist`
  },
  webpack: async (name: string) => {
    const output = { path: project.path(`${name}/dist/assets`), filename: 'page.js' }
    const compiler = webpack({
      mode: 'production',
      context: project.path(name),
      entry: './page.js',
      output,
    })
    await new Promise<void>((done, fail) =>
      compiler.run((error, stats) =>
        error || stats?.hasErrors() ? fail(error ?? Error(stats?.toString())) : done()
      )
    )
    project.write(`${name}/dist/index.html`, html('/assets/page.js'))
    return `${name}/dist`
  },
}

const bundled = (folder: string) => {
  const files = readdirSync(project.path(`${folder}/assets`)).filter((name) => name.endsWith('.js'))
  return files.map((name) => project.read(`${folder}/assets/${name}`)).join('\n')
}

beforeAll(() => {
  project = createProject()
})
afterAll(() => project.remove())

describe.each(Object.entries(bundlers))(
  'a page built by %s',
  { timeout: 120_000 },
  (name, make) => {
    let browser: Browser
    let collector: Collector

    beforeAll(async () => {
      browser = await launch()
      collector = await startCollector()
    })
    afterAll(async () => {
      await browser.close()
      collector.close()
    })

    it('delivers events', async () => {
      project.write(`${name}-page/page.js`, PAGE)
      const site = await serveFolder(project.path(await make(`${name}-page`)))
      const page = await browser.newPage()
      const failures: string[] = []
      page.on('pageerror', (error) => failures.push(error.message))
      await page.goto(`${site.origin}/index.html?collector=${collector.origin}`)
      await eventually(() => collector.names()).toEqual(['Bundled'])
      expect(collector.events('user_attribute_change')).toHaveLength(1)
      expect(collector.batches()[0]?.user_attributes).toEqual({ plan: 'pro' })
      expect(failures).toEqual([])
      site.close()
    })

    it('has nothing of the features that it does not use', async () => {
      project.write(`${name}-core/page.js`, CORE)
      const code = bundled(await make(`${name}-core`))
      expect(code).toContain('custom_event')
      expect(Object.values(TRACES).filter((trace) => code.includes(trace))).toEqual([])
    })
  }
)

it('knows a trace of each feature', () => {
  const module = project.read('node_modules/weir/dist/sdk/weir.mjs')
  const exported = /export\s*\{([^}]+)\}/.exec(module)?.[1]?.match(/\w+(?=,|$)/g) ?? []
  expect(Object.keys(TRACES).sort()).toEqual(
    exported.filter((one) => one !== 'createClient').sort()
  )
  expect(Object.values(TRACES).filter((trace) => !module.includes(trace))).toEqual([])
})
