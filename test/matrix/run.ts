import type { Tally } from './collector'
import { chromium } from './engines/chromium'
import type { Browser, Engine } from './engines/engine'
import { firefox } from './engines/firefox'
import { webkit } from './engines/webkit'
import { chance, quick, type Scenario, type Sight, slow } from './scenarios'
import { type Pace, setStage } from './stage'

export const engines = [chromium, firefox, webkit]

export const scenarios: Record<string, Scenario> = { ...quick, ...slow, ...chance }

export type Outcome = Sight & Tally

/** Those that arrived after all. */
const lateOf = ({ sent, received, late = 0 }: Outcome) => Math.max(0, late - (sent - received))

/** Whether nothing is missing, doubled or, where that can be, late. */
export const isWhole = (outcome: Outcome, { isPrompt }: Scenario) =>
  outcome.received === outcome.sent && !outcome.doubled && !(isPrompt && lateOf(outcome))

/** Runs one scenario. Throws when something is wrong that the counts do not tell. */
export const runScenario = async (
  name: string,
  { engine, common, pace }: { engine: Engine; common: Browser; pace: Pace }
): Promise<Outcome> => {
  const scenario = scenarios[name]
  if (!scenario) throw new Error(`there is no scenario ${name}`)
  const stage = await setStage(engine, common, pace)
  try {
    const sight = await scenario.run(stage)
    const { errors } = stage.site
    if (errors.length > 0) throw new Error(`errors in the page: ${errors.join('; ')}`)
    return { ...sight, ...stage.collector.tally() }
  } finally {
    await stage.end()
  }
}

/** An outcome in words, or those of several runs: `10 of 10, 0 doubled`, and what else there is. */
export const describeOutcomes = (outcomes: Outcome[]): string => {
  const sum = (read: (outcome: Outcome) => number) =>
    outcomes.reduce((total, outcome) => total + read(outcome), 0)
  const late = sum((outcome) => lateOf(outcome))
  const repeats = sum((outcome) => outcome.repeats)
  const seconds = outcomes.flatMap(({ recoveredMs }) =>
    recoveredMs === undefined ? [] : [recoveredMs / 1000]
  )
  const most = Math.max(...seconds).toFixed(1)
  return [
    `${sum((outcome) => outcome.received)} of ${sum((outcome) => outcome.sent)}`,
    `${sum((outcome) => outcome.doubled)} doubled`,
    ...(late > 0 ? [`${late} late`] : []),
    ...(repeats > 0 ? [`${repeats} repeats dropped`] : []),
    ...(seconds.length > 0 ? [`within ${most} s`] : []),
  ].join(', ')
}
