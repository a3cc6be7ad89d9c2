import { chromium } from './engines/chromium'
import type { Browser, Engine } from './engines/engine'
import { firefox } from './engines/firefox'
import { webkit } from './engines/webkit'
import { quick, type Sight, slow } from './scenarios'
import { type Pace, setStage } from './stage'
import type { Tally } from './collector'

export const engines = [chromium, firefox, webkit]

export type Outcome = Sight & Tally

/** Runs one scenario. Throws when something is wrong that the counts do not tell. */
export const runScenario = async (
  name: string,
  { engine, common, pace }: { engine: Engine; common: Browser; pace: Pace }
): Promise<Outcome> => {
  const scenario = { ...quick, ...slow }[name]
  if (!scenario) throw new Error(`there is no scenario ${name}`)
  const stage = await setStage(engine, common, pace)
  try {
    const sight = await scenario(stage)
    const { errors } = stage.site
    if (errors.length > 0) throw new Error(`errors in the page: ${errors.join('; ')}`)
    return { ...sight, ...stage.collector.tally() }
  } finally {
    await stage.end()
  }
}

/** An outcome in words: `10 of 10, 0 doubled`, and what else there is to say. */
export const describeOutcome = (outcome: Outcome): string => {
  const { sent, received, doubled, repeats, late = 0, recoveredMs } = outcome
  return [
    `${received} of ${sent}`,
    `${doubled} doubled`,
    ...(late > 0 ? [`${Math.max(0, late - (sent - received))} late`] : []),
    ...(repeats > 0 ? [`${repeats} repeats dropped`] : []),
    ...(recoveredMs === undefined ? [] : [`after ${(recoveredMs / 1000).toFixed(1)} s`]),
  ].join(', ')
}
