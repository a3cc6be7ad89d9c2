import { until, wait } from '../statistics'
import type { Contender } from './contenders'
import { type Probe, type Stage, withProbe } from './probe'
import type { Traffic } from './stub'

/** What calls of `track` cost. */
export interface CallCosts {
  /** Of the first call on a page, µs. */
  coldUs: number
  /** Of a call in a burst, µs. */
  burstUs: number
  /** All of the main thread's CPU time for an event of that burst, until it is delivered, µs. */
  cpuUs: number
}

/** Calls in one loop. */
export const burst = 1000
// By now weir.js has sent what it recorded at the start, which it does after two seconds.
const settledMs = 2600
// The last answer is on its way for 100 ms; then comes what an SDK does with it.
const answeredMs = 500

const opened = async (stage: Stage, contender: Contender, probe: Probe): Promise<void> => {
  await probe.page.goto(stage.addressOf(contender))
  await wait(settledMs)
  stage.stub.count(contender.eventsIn)
}

/** Waits until so many events have arrived and were answered. */
const delivered = async ({ stub }: Stage, contender: Contender, events: number): Promise<void> => {
  if (contender.eventsIn)
    await until(() => stub.traffic.events >= events, {
      what: `${contender.name} delivers ${events} events, got ${stub.traffic.events}`,
    })
  await wait(answeredMs)
}

/** Tracks once, then in a burst. */
export const measureCalls = (stage: Stage, contender: Contender): Promise<CallCosts> =>
  withProbe(stage, 1, async (probe) => {
    await opened(stage, contender, probe)
    const coldMs = await probe.track(1)
    await delivered(stage, contender, 1)
    const beforeMs = await probe.cpuMs()
    const burstMs = await probe.track(burst)
    await delivered(stage, contender, 1 + burst)
    const cpuMs = (await probe.cpuMs()) - beforeMs
    const perEventUs = 1000 / burst
    return { coldUs: coldMs * 1000, burstUs: burstMs * perEventUs, cpuUs: cpuMs * perEventUs }
  })

/** Tracks so many events in one loop. @returns what that sent */
export const measureTraffic = (
  stage: Stage,
  contender: Contender,
  events: number
): Promise<Traffic> =>
  withProbe(stage, 1, async (probe) => {
    await opened(stage, contender, probe)
    await probe.track(events)
    await delivered(stage, contender, events)
    return stage.stub.traffic
  })
