import { describe, expect, it } from 'vitest'
import { unstable_readConfig } from 'wrangler'

const read = (env: string) =>
  unstable_readConfig({ config: 'wrangler.toml', env }, { hideWarnings: true })

/** What tells environments apart. */
const own = ['name', 'targetEnvironment', 'topLevelName', 'vars', 'analytics_engine_datasets']

const shared = (config: object) =>
  Object.fromEntries(Object.entries(config).filter(([key]) => !own.includes(key)))

describe.each(['staging', 'production'])('the environment %s', (name) => {
  const top = read('')
  const environment = read(name)

  it('is a worker of its own', () => {
    expect(environment.name).toBe(`weir-${name}`)
  })

  it('has every binding, class and setting that stands at the top', () => {
    expect(shared(environment)).toEqual(shared(top))
    const bindings = (config: typeof top) =>
      config.analytics_engine_datasets.map((one: { binding: string }) => one.binding)
    expect(bindings(environment)).toEqual(bindings(top))
  })

  it('has every variable', () => {
    expect(Object.keys(environment.vars).sort()).toEqual(Object.keys(top.vars).sort())
  })
})

it('declares every class of objects once, for SQLite', () => {
  const { migrations, durable_objects, observability } = read('production')
  const declared = migrations.flatMap(({ new_sqlite_classes = [] }) => new_sqlite_classes)
  const bound = durable_objects.bindings.map((one: { class_name: string }) => one.class_name)
  expect(declared.sort()).toEqual(bound.sort())
  expect(migrations.every(({ new_classes = [] }) => new_classes.length === 0)).toBe(true)
  expect(observability).toMatchObject({ enabled: true, logs: { invocation_logs: false } })
})
