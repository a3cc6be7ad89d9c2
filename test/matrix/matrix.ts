import { parseArgs } from 'node:util'
import type { Browser, Engine } from './engines/engine'
import { describeOutcomes, engines, isWhole, type Outcome, runScenario, scenarios } from './run'
import { chance } from './scenarios'
import { startCommon } from './stage'

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: engines.map(({ name }) => name).join() },
    scenario: { type: 'string', default: Object.keys(scenarios).join() },
    repeat: { type: 'string', default: '1' },
  },
})
const names = values.scenario.split(',')
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
  for (let run = 0; run < Number(values.repeat); run++) {
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
  for (const name of names) {
    cells[name] = await repeatScenario(name, engine, common)
    console.error(`${engine.name} ${name}: ${cells[name]}`)
  }
  await common.close()
  return { version: common.version, cells }
}

const unknown = names.filter((name) => !(name in scenarios))
if (unknown.length > 0) throw new Error(`no such scenario: ${unknown}`)
const wanted = engines.filter(({ name }) => values.engine.split(',').includes(name))
const found = wanted.filter((engine) => !engine.missing())
for (const engine of wanted)
  if (!found.includes(engine)) console.error(`${engine.name}: there is no ${engine.missing()}`)

// Next to each other: most of the time they wait.
const columns = await Promise.all(found.map(measure))
const row = (cells: string[]) => `| ${cells.join(' | ')} |`
console.log(row(['Scenario', ...columns.map(({ version }) => version)]))
console.log(row(['---', ...columns.map(() => '---')]))
for (const name of names) {
  const title = `**${name}**: ${scenarios[name]?.title}`
  console.log(row([title, ...columns.map(({ cells }) => cells[name] ?? '')]))
}
process.exitCode = isGood ? 0 : 1
