import { type CallCosts, measureCalls, measureTraffic } from './calls'
import type { Contender } from './contenders'
import type { Stage } from './probe'
import { measureStart, measureUsedHeap, type StartCosts } from './start'
import type { Traffic } from './stub'

/** All that is measured of one SDK, a value per round. */
export interface Costs {
  name: string
  start: StartCosts[]
  slowStart: StartCosts[]
  calls: CallCosts[]
  usedHeapKib: number[]
  /** What events tracked in one loop send. */
  traffic?: Traffic
}

export const slowdown = 4
export const wireEvents = 100

const measureRound = async (stage: Stage, contender: Contender, costs: Costs): Promise<void> => {
  costs.start.push(await measureStart(stage, contender, 1))
  costs.slowStart.push(await measureStart(stage, contender, slowdown))
  costs.calls.push(await measureCalls(stage, contender))
  costs.usedHeapKib.push(await measureUsedHeap(stage, contender))
}

/** Round by round, so that whatever else the machine does hits all SDKs. */
export const measureCosts = async (stage: Stage, contenders: Contender[]): Promise<Costs[]> => {
  const all = contenders.map((contender) => {
    const costs: Costs = {
      name: contender.name,
      start: [],
      slowStart: [],
      calls: [],
      usedHeapKib: [],
    }
    return { contender, costs }
  })
  const rounds = Math.max(...contenders.map((contender) => contender.rounds))
  for (let round = 0; round < rounds; round++)
    for (const { contender, costs } of all)
      if (round < contender.rounds) await measureRound(stage, contender, costs)
  for (const { contender, costs } of all)
    if (contender.eventsIn) costs.traffic = await measureTraffic(stage, contender, wireEvents)
  return all.map(({ costs }) => costs)
}
