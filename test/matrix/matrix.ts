import {
  readArguments,
  readNames,
  readOrExit,
  readWholeNumber,
} from '../../worker/commands/arguments'
import type { Browser, Engine } from './engines/engine'
import { describeOutcomes, engines, isWhole, type Outcome, runScenario, scenarios } from './run'
import { chance } from './scenarios'
import { startCommon } from './stage'

const engineNames = engines.map(({ name }) => name)
const scenarioNames = Object.keys(scenarios)
const usage = `Usage: npm run test:matrix [-- --engine ${engineNames.join()} --scenario ${scenarioNames.join()} --repeat 1]`
const options = {
  engine: { type: 'string', default: engineNames.join() },
  scenario: { type: 'string', default: scenarioNames.join() },
  repeat: { type: 'string', default: '1' },
} as const

const order = readOrExit(usage, () => {
  const { engine, scenario, repeat } = readArguments({ options }).values
  return {
    engines: readNames('--engine', engine, engineNames),
    scenarios: readNames('--scenario', scenario, scenarioNames),
    repeats: readWholeNumber('--repeat', repeat),
  }
})
const pace = { downMs: 20_000, spellMs: 10_000, retryAfterSeconds: 3, graceMs: 3000 }

let isGood = true

interface Column {
  version: string
  cells: Record<string, string>
}

/** A cell of the table. */
const repeatScenario = async (name: string, engine: Engine, common: Browser): Promise<string> => {
  const outcomes: Outcome[] = []
  const failures: string[] = []
  for (let run = 0; run < order.repeats; run++) {
    try {
      outcomes.push(await runScenario(name, { engine, common, pace }))
    } catch (error) {
      failures.push(`FAILED: ${error instanceof Error ? error.message : error}`)
    }
  }
  const scenario = scenarios[name]
  const isAsItShouldBe =
    name in chance || outcomes.every((outcome) => scenario && isWhole(outcome, scenario))
  if (failures.length > 0 || !isAsItShouldBe) isGood = false
  const cell = [...(outcomes.length > 0 ? [describeOutcomes(outcomes)] : []), ...failures]
  const note = engine.notes[name]
  return [...cell, ...(note ? [`(${note})`] : [])].join('; ')
}

const measure = async (engine: Engine): Promise<Column> => {
  const cells: Record<string, string> = {}
  const common = await startCommon(engine)
  for (const name of order.scenarios) {
    cells[name] = await repeatScenario(name, engine, common)
    console.error(`${engine.name} ${name}: ${cells[name]}`)
  }
  await common.close()
  return { version: common.version, cells }
}

const wanted = engines.filter(({ name }) => order.engines.includes(name))
const found = wanted.filter((engine) => !engine.missing())
for (const engine of wanted)
  if (!found.includes(engine)) console.error(`${engine.name}: there is no ${engine.missing()}`)

// Next to each other: most of the time they wait.
const columns = await Promise.all(found.map(measure))
const row = (cells: string[]) => `| ${cells.join(' | ')} |`
console.log(row(['Scenario', ...columns.map(({ version }) => version)]))
console.log(row(['---', ...columns.map(() => '---')]))
for (const name of order.scenarios) {
  const title = `**${name}**: ${scenarios[name]?.title}`
  console.log(row([title, ...columns.map(({ cells }) => cells[name] ?? '')]))
}
process.exitCode = isGood ? 0 : 1
