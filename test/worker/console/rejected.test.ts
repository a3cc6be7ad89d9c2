import { env } from 'cloudflare:workers'
import { beforeEach, expect, it } from 'vitest'
import { page, signIn } from '../../support/console'
import { seed } from '../../support/weir'

let cookie: string
let input: string

const reject = (of: string, count: number, message: string) =>
  env.WORKSPACE.getByName('workspace').reject(
    Array.from({ length: count }, (_, i) => ({
      at_ms: Date.now(),
      input: of,
      problems: [{ code: 'invalid', path: 'events.0', message: `${message} ${i}.` }],
      payload: '{"a":"<i>"}',
    })),
    count
  )

beforeEach(async () => {
  cookie = await signIn()
  input = (await seed()).key.replace('key-', '')
})

const textOf = async (query: string) => (await page(`/rejected${query}`, { cookie })).text()

it('lists what was rejected with its reason, its path and its payload, escaped', async () => {
  await reject(input, 1, 'Not understood')
  const text = await textOf(`?input=${input}`)
  expect(text).toContain('Not understood 0.')
  expect(text).toContain('<code>events.0</code>')
  expect(text).toContain('&quot;a&quot;: &quot;&lt;i&gt;&quot;')
  expect(text).not.toContain('<i>')
})

it('is filtered by input, or to those of none', async () => {
  const name = crypto.randomUUID()
  await reject(input, 1, `own ${name}`)
  await reject('', 1, `stranger ${name}`)
  const shown = async (query: string) => {
    const text = await textOf(query)
    return [text.includes(`own ${name}`), text.includes(`stranger ${name}`)]
  }
  expect(await shown('')).toEqual([true, true])
  expect(await shown(`?input=${input}`)).toEqual([true, false])
  expect(await shown('?input=@none')).toEqual([false, true])
})

it('goes to older ones page by page, within the filter', async () => {
  await reject(input, 60, 'number')
  await reject('another', 5, 'noise')
  const first = await textOf(`?input=${input}`)
  expect(first).toContain('number 59.')
  expect(first).not.toContain('number 9.')
  const [, older] = /href="\/console\/rejected(\?[^"]*before=\d+)"/.exec(first) ?? []
  const second = await textOf(older!.replaceAll('&amp;', '&'))
  expect(second).toContain('number 9.')
  expect(second).not.toContain('noise')
  expect(second).not.toContain('number 59.')
})
