import { type Budgeted, median, number, spread, table } from '../statistics'
import { type CallCosts, measureCalls, measureTraffic } from './calls'
import { type Contender, contenders } from './contenders'
import { onStage, type Stage } from './probe'
import { measureStart, type StartCosts } from './start'
import type { Traffic } from './stub'

/** All that is measured of one SDK, a value per round. */
interface Costs {
  name: string
  start: StartCosts[]
  slowStart: StartCosts[]
  calls: CallCosts[]
  traffic: Traffic[]
}

const slowdown = 4
const wireEvents = 100

const measureRound = async (stage: Stage, contender: Contender, costs: Costs): Promise<void> => {
  costs.start.push(await measureStart(stage, contender, 1))
  costs.slowStart.push(await measureStart(stage, contender, slowdown))
  costs.calls.push(await measureCalls(stage, contender))
  if (contender.eventsIn) costs.traffic.push(await measureTraffic(stage, contender, wireEvents))
}

// Round by round, so that what else the machine does hits all of them.
const measureAll = async (all: Contender[]): Promise<Costs[]> =>
  onStage(all, async (stage) => {
    const measured = all.map(
      ({ name }): Costs => ({ name, start: [], slowStart: [], calls: [], traffic: [] })
    )
    const rounds = Math.max(...all.map((contender) => contender.rounds))
    for (let round = 0; round < rounds; round++)
      for (const [index, contender] of all.entries()) {
        const costs = measured[index]
        if (costs && round < contender.rounds) await measureRound(stage, contender, costs)
      }
    return measured
  })
