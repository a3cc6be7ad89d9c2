import { expect, it } from 'vitest'
import { fieldsIn, page, post, signIn } from '../../support/console'
import { admin, put, request } from '../../support/weir'

const show = async (path: string): Promise<string> =>
  (await page(path, { cookie: await signIn() })).text()

const stored = async (path: string): Promise<Record<string, unknown>> => (await admin(path)).json()

it.each([
  [
    'inputs',
    { key: 'key-of-changed', name: 'Shop' },
    { key: 'key-of-changed', name: 'Shop', privacy: { ip: 'drop' } },
  ],
  [
    'outputs',
    { kind: 'sqs', name: 'Queue', settings: {} },
    {
      kind: 'sqs',
      name: 'Queue',
      settings: { endpoint_url: 'https://sqs.eu-west-1.amazonaws.com' },
    },
  ],
  [
    'audiences',
    { name: 'VIPs', rule: { attribute: { vip: true } } },
    { name: 'VIPs', rule: { attribute: { vip: false } } },
  ],
])('saves no form of %s over what somebody else changed meanwhile', async (name, first, second) => {
  const path = `/${name}/changed-${name}`
  expect((await put(path, first)).ok).toBe(true)
  const form = fieldsIn(await show(path))
  expect((await put(path, second)).ok).toBe(true)
  const sent = { ...form, name: 'Renamed', ...(name === 'audiences' ? { action: 'save' } : {}) }
  const headers = { cookie: await signIn() }
  const refused = await post(path, sent, headers)
  expect(refused.status).toBe(422)
  expect(await refused.text()).toContain('Somebody changed')
  expect(await stored(path)).toMatchObject(second)

  const again = { ...fieldsIn(await show(path)), name: 'Renamed' }
  const action: Record<string, string> = name === 'audiences' ? { action: 'save' } : {}
  expect((await post(path, { ...again, ...action }, headers)).status).toBe(303)
  expect(await stored(path)).toMatchObject({ ...second, name: 'Renamed' })
})

it('does nothing that another site asks for, whatever the type of its request', async () => {
  await put('/inputs/foreign', { key: 'key-of-foreign', name: 'Shop' })
  const cookie = await signIn()
  const answer = await request('/console/inputs/foreign', {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie, origin: 'https://elsewhere.example', 'content-type': 'application/json' },
    body: '{}',
  })
  expect(answer.status).toBe(403)
  expect(await stored('/inputs/foreign')).toMatchObject({ name: 'Shop' })
})
