import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Collector, startCollector } from './collector'
import type { Browser, Engine, Page, StartOptions } from './engines/engine'
import { type PageOptions, type Site, startSite } from './site'
import { becomes, until } from './wait'

/** How long a scenario lets things be as they are. */
export interface Pace {
  /** The server is down. */
  downMs: number
  /** It answers with errors. */
  spellMs: number
  /** How long it asks to be left alone. */
  retryAfterSeconds: number
  /** What a page that went away sent may still arrive. */
  graceMs: number
}

/** What a scenario has to itself: a site and a collector, each of an origin of its own. */
export interface Stage {
  engine: Engine
  pace: Pace
  site: Site
  collector: Collector
  received(): number
  /** Script that starts the SDK. */
  init(options?: object): string
  /** Opens a page of the site, in the engine's common browser unless told otherwise. */
  open(options: PageOptions, browser?: Browser): Promise<Page>
  /** Starts a browser of the scenario's own, each time with the same profile. */
  start(options?: Omit<StartOptions, 'profile'>): Promise<Browser>
  /**
   * Opens the site again and waits until nothing waits in its storage.
   *
   * @param browser one that lost the page, from which nothing can be on its way
   * @returns how many events had not arrived before
   */
  reopen(sent: number, browser?: Browser): Promise<number>
  /** Waits until all have arrived and the page keeps none of them. @returns how long that took */
  drain(page: Page, sent: number): Promise<number>
  /** Closes its pages and its own browsers. */
  end(): Promise<void>
}

/** One browser for all scenarios that do not mind. */
export const startCommon = async (engine: Engine): Promise<Browser> => {
  const profile = mkdtempSync(join(tmpdir(), 'weir-matrix-'))
  const browser = await engine.start({ profile })
  return {
    ...browser,
    close: async () => {
      await browser.close()
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

const openings = (site: Site, common: Browser) => {
  const profile = mkdtempSync(join(tmpdir(), 'weir-matrix-'))
  const pages: Page[] = []
  const browsers: Browser[] = []
  return {
    open: async (options: PageOptions, browser = common) => {
      const page = await browser.open(site.page(options))
      if (browser === common) pages.push(page)
      return page
    },
    start: async (engine: Engine, options: Omit<StartOptions, 'profile'>) => {
      const browser = await engine.start({ profile, ...options })
      browsers.push(browser)
      return browser
    },
    end: async () => {
      // Some have been closed or killed as part of the scenario.
      for (const page of pages) await page.close().catch(() => {})
      for (const browser of browsers) await browser.close().catch(() => {})
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

export const setStage = async (engine: Engine, common: Browser, pace: Pace): Promise<Stage> => {
  const site = await startSite()
  const collector = await startCollector()
  const { open, start, end } = openings(site, common)
  const received = () => collector.tally().received
  const init = (options: object = {}) =>
    `weir.init(${JSON.stringify({ key: 'test-key', endpoint: collector.origin, ...options })});`
  const waitForAll = (sent: number) => becomes(() => received() === sent, pace.graceMs)
  let reopened = 0

  return {
    engine,
    pace,
    site,
    collector,
    received,
    init,
    open,
    start: (options = {}) => start(engine, options),
    reopen: async (sent, browser) => {
      if (!browser) await waitForAll(sent)
      const late = sent - received()
      const name = `left${reopened++}`
      await open({ script: `${init({ batchWaitMs: 50 })} watch('${name}')` }, browser)
      await until('the storage is empty', () => site.told(name) === 0)
      await waitForAll(sent)
      return late
    },
    drain: async (page, sent) => {
      const startMs = performance.now()
      await until('everything has arrived', () => received() === sent)
      const tookMs = performance.now() - startMs
      await until('the storage is empty', async () => (await page.evaluate('stored()')) === 0)
      return tookMs
    },
    end: async () => {
      await end()
      site.close()
      collector.close()
    },
  }
}
