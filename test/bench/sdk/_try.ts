import { contenders } from './contenders'
import { onStage } from './probe'
import { measureStart } from './start'
import { measureCalls, measureTraffic } from './calls'
const all = await contenders()
await onStage(all, async (stage) => {
  for (let r = 0; r < 2; r++)
  for (const c of all) {
    const a = await measureStart(stage, c, 1), b = await measureStart(stage, c, 4)
    const d = await measureCalls(stage, c)
    const t = c.eventsIn ? await measureTraffic(stage, c, 100) : 0
    console.log(c.name, a, b, d, t)
  }
})
process.exit()
