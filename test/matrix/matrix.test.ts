import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Browser, Engine } from './engines/engine'
import { describeOutcomes, engines, isWhole, runScenario } from './run'
import { quick } from './scenarios'
import { startCommon } from './stage'

const pace = { downMs: 1500, spellMs: 1500, retryAfterSeconds: 1, graceMs: 5000 }

// Several times what it takes on a busy machine, and more than the minute after which the SDK looks
// around by itself.
const timeout = 120_000

// Its scenarios follow each other, since they share a browser.
const testEngine = (engine: Engine) => {
  let common: Browser
  const counts: string[] = []

  beforeAll(async () => {
    common = await startCommon(engine)
  }, timeout)
  afterAll(async () => {
    await common.close()
    console.log([common.version, ...counts].join('\n  '))
  }, timeout)

  for (const [name, scenario] of Object.entries(quick)) {
    it.sequential(`loses and doubles nothing with ${scenario.title}`, { timeout }, async () => {
      const outcome = await runScenario(name, { engine, common, pace })
      counts.push(`${name}: ${describeOutcomes([outcome])}`)
      expect(isWhole(outcome, scenario), describeOutcomes([outcome])).toBe(true)
    })
  }
}

for (const engine of engines) {
  const missing = engine.missing()
  if (missing) it.skip(`${engine.name} is not tested: this machine has no ${missing}`, () => {})
  // Next to the other engines: most of the time they wait.
  else describe.concurrent(engine.name, () => testEngine(engine))
}
