import { type Browser, chromium, type Page } from 'playwright-core'
import type { Contender } from './contenders'
import { type Site, startSite } from './site'
import { type Stub, startStub } from './stub'

/** Where the pages of the bench are opened. */
export interface Stage {
  browser: Browser
  stub: Stub
  addressOf: Site['addressOf']
}

/** A page with nothing stored and nothing compiled, and what it costs. */
export interface Probe {
  page: Page
  /** CPU time of the page's main thread so far, ms: what other processes do meanwhile is not in it. */
  cpuMs(): Promise<number>
  /** JavaScript's heap after a garbage collection, KiB. */
  heapKib(): Promise<number>
  /** Calls `benchTrack` so often in one loop. @returns how long that took, ms */
  track(calls: number): Promise<number>
}

/** Opens the servers and the browser, and closes them after the work. */
export const onStage = async <T>(
  contenders: Contender[],
  work: (stage: Stage) => Promise<T>
): Promise<T> => {
  const stub = await startStub()
  const site = await startSite(contenders, stub.origin)
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  })
  try {
    return await work({ browser, stub, addressOf: site.addressOf })
  } finally {
    await browser.close()
    site.close()
    stub.close()
  }
}

const trackBurst = (calls: number): string => `(() => {
  const all = Array.from({ length: ${calls} }, (_, index) => benchAttributes(index))
  const startMs = performance.now()
  for (const attributes of all) benchTrack(attributes)
  return performance.now() - startMs
})()`

/**
 * Opens a blank page of the site in a context of its own, so that starting a process and a context
 * is over before the page that is measured comes.
 */
export const withProbe = async <T>(
  { browser, addressOf }: Stage,
  slowdown: number,
  work: (probe: Probe) => Promise<T>
): Promise<T> => {
  const context = await browser.newContext()
  const page = await context.newPage()
  const cdp = await context.newCDPSession(page)
  await page.goto(addressOf())
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' })
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: slowdown })

  const metric = async (name: string): Promise<number> => {
    const { metrics } = await cdp.send('Performance.getMetrics')
    return metrics.find((one) => one.name === name)?.value ?? Number.NaN
  }
  const done = await work({
    page,
    cpuMs: async () => (await metric('TaskDuration')) * 1000,
    heapKib: async () => {
      await cdp.send('HeapProfiler.collectGarbage')
      return (await metric('JSHeapUsedSize')) / 1024
    },
    track: (calls) => page.evaluate<number>(trackBurst(calls)),
  })
  await context.close()
  return done
}
