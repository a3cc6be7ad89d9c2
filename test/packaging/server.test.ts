import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createProject, type Project } from './project'

const run = promisify(execFile)
let project: Project

beforeAll(() => {
  project = createProject()
})
afterAll(() => project.remove())

// What a server does that renders a page: it imports the modules of the page and runs their code.
const RENDER = `
  const fetch = () => { throw Error('a request') }
  globalThis.fetch = fetch
  const globals = Object.getOwnPropertyNames(globalThis).join()
  const { createClient, watchPush, ...features } = await import('weir')

  let client = createClient({ key: 'k', endpoint: 'https://events.example.com', app: {} })
  for (const feature of Object.values(features))
    client = client.use(feature({ signals: true, uncaught: true, resources: true, timeoutMs: 1 }))
  const given = {
    track: ['a', { b: 1 }, { type: 'search' }], identify: [{ customer_id: 'c' }], set: [{ a: 1 }],
    trackProducts: ['purchase', []], trackPromotions: ['view', []], trackImpressions: [{}],
    error: [Error('e')], setConsent: [{ ccpa: true }], registerPush: ['token'], unset: ['a'],
  }
  const methods = Object.keys(client).filter((name) => name !== 'use')
  for (const name of methods) await client[name](...(given[name] ?? []))

  const { equal } = await import('node:assert/strict')
  equal(globalThis.fetch, fetch)
  equal(Object.getOwnPropertyNames(globalThis).join(), globals)
  equal(await client.flush(), false)
  console.log(methods.length, 'calls')
`

it('does nothing on a server that renders the page, whatever is called', async () => {
  const file = project.write('render.mjs', RENDER)
  // It ends by itself: no timer keeps the process alive.
  const { stdout, stderr } = await run(process.execPath, [file], { timeout: 20_000 })
  expect(stdout).toMatch(/^\d\d calls\n$/)
  expect(stderr).toBe('')
})
