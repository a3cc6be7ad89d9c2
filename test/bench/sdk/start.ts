import { wait } from '../statistics'
import type { Contender } from './contenders'
import { type Stage, withProbe } from './probe'

/** What it costs that a page has an SDK. */
export interface StartCosts {
  /** CPU time of the main thread, ms. */
  cpuMs: number
  heapKib: number
}

// Segment has its settings by now, weir.js has looked for what other pages left behind. Nothing is
// sent yet.
const startedMs = 1500

/** Loads the page, all of it, with the CPU slowed down so many times. */
export const measureStart = (
  stage: Stage,
  contender: Contender,
  slowdown: number
): Promise<StartCosts> =>
  withProbe(stage, slowdown, async (probe) => {
    const beforeMs = await probe.cpuMs()
    await probe.page.goto(stage.addressOf(contender))
    await wait(startedMs)
    const cpuMs = (await probe.cpuMs()) - beforeMs
    return { cpuMs, heapKib: await probe.heapKib() }
  })

/** JavaScript's heap, KiB, on a page whose scripts had the browser set up what an SDK uses, too. */
export const measureUsedHeap = (stage: Stage, contender: Contender): Promise<number> =>
  withProbe(stage, 1, async (probe) => {
    await probe.page.goto(stage.addressOf(contender, 'used'))
    await wait(startedMs)
    return probe.heapKib()
  })
