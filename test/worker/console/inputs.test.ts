import { expect, it } from 'vitest'
import { errorsIn, fieldsIn, page, post, signIn } from '../../support/console'
import { admin, put, request } from '../../support/weir'

const stored = async (id: string): Promise<Record<string, unknown>> =>
  (await admin(`/inputs/${id}`)).json()

const show = async (path: string): Promise<string> =>
  (await page(path, { cookie: await signIn() })).text()

const send = async (path: string, fields: Record<string, string | string[]>) =>
  post(path, fields, { cookie: await signIn() })

let count = 0
const newId = () => `input-${++count}-${crypto.randomUUID().slice(0, 8)}`

it('saves an input that was filled in, and shows the lines that send to it', async () => {
  const id = newId()
  const fields = { ...fieldsIn(await show('/inputs/new')), id, name: 'Shop', key: `key-${id}` }
  const answer = await send('/inputs/new', fields)
  expect(answer.headers.get('location')).toBe(`/console/inputs/${id}?done=saved`)
  expect(await stored(id)).toMatchObject({ name: 'Shop', key: `key-${id}`, allowed_origins: ['*'] })
  const html = await show(`/inputs/${id}?done=saved`)
  expect(html).toContain('Saved.')
  expect(html).toContain(
    `src=&quot;https://weir.test/weir.js&quot; data-key=&quot;key-${id}&quot;&gt;&lt;/script&gt;`
  )
})

it('leaves an input as it was when its form is saved as it is', async () => {
  const id = newId()
  const given = {
    id,
    name: '<b>"Shop" & more</b>',
    platform: 'server',
    key: `key-${id}`,
    secret: 'a-secret-of-ten',
    enabled: false,
    allowed_origins: ['https://a.example', 'https://b.example'],
    app_name: 'Shop',
    batches_per_second: 10,
    login_identities: ['email', 'other'],
    web_sdk: { upload_interval_ms: 100, offline_storage: true, background_events: false },
    mobile_analytics: {
      app_id: `app-${id}`,
      environment: 'development',
      access_keys: [
        { access_key_id: `one-${id}`, secret_access_key: 'a-secret-of-ten' },
        { access_key_id: `two-${id}`, secret_access_key: 'a-secret-of-ten', enabled: false },
      ],
    },
    firehose: { token: 'a-token-of-ten', module_name: 'Weir' },
    limits: { events_per_day: 5, bots: 'flag' },
    privacy: {
      ip: 'truncate',
      hash: ['user_identities.email'],
      drop: ['custom_attributes.phone'],
      consent: { regulation: 'gdpr', purpose: 'analytics', otherwise: 'strip' },
      respect_gpc: true,
    },
  }
  expect((await put(`/inputs/${id}`, given)).status).toBe(201)
  const { version } = (await (await admin('/workspace')).json()) as { version: number }
  const html = await show(`/inputs/${id}`)
  expect(html).not.toContain('a-secret-of-ten')
  expect(html).not.toContain('<b>')
  expect((await send(`/inputs/${id}`, fieldsIn(html))).status).toBe(303)
  expect(((await (await admin('/workspace')).json()) as { version: number }).version).toBe(version)
})

it.each([
  ['id', '', 'id is required.'],
  ['id', 'No Spaces', 'must have 1 to 63 of a-z, 0-9, - and _'],
  ['key', 'a b', 'Key must have 4 to 128'],
  ['secret', 'short', 'Secret must have at least 8 characters'],
  [
    'allowed_origins',
    'https://a.example\nshop.example',
    'Allowed Origins must be * or scheme://host[:port]',
  ],
  [
    'batches_per_second',
    'many',
    'Batches per Second must be a whole number of batches from 1 to 1000000',
  ],
  ['limits.events_per_day', '0', 'Events per Day must be a whole number of events from 1'],
  ['privacy.hash', 'email', 'must be mp_deviceid, or a name below'],
])('says at the field %s that %j is wrong', async (name, value, message) => {
  const id = newId()
  const fields = { ...fieldsIn(await show('/inputs/new')), id, key: `key-${id}`, [name]: value }
  const answer = await send('/inputs/new', fields)
  expect(answer.status).toBe(422)
  const html = await answer.text()
  const place = name.replaceAll('.', '-')
  expect(Object.keys(errorsIn(html))).toEqual([place])
  expect(errorsIn(html)[place]).toContain(message)
  expect(html).toMatch(new RegExp(`<a href="#field-${place}">`))
  expect(html).toMatch(new RegExp(`id="field-${place}"[^>]*aria-invalid="true"`))
  expect((await admin(`/inputs/${id}`)).status).toBe(404)
  // What else was filled in is still there.
  if (name !== 'key') expect(fieldsIn(html)).toMatchObject({ key: `key-${id}` })
})

it('does not overwrite an input with a new one', async () => {
  const id = newId()
  await put(`/inputs/${id}`, { key: `key-${id}` })
  const fields = { ...fieldsIn(await show('/inputs/new')), id }
  const answer = await send('/inputs/new', fields)
  expect(errorsIn(await answer.text()).id).toContain('is the id of another')
  expect(await stored(id)).toMatchObject({ key: `key-${id}` })
})

it('puts in a new key without saving', async () => {
  const id = newId()
  await put(`/inputs/${id}`, { key: `key-${id}`, name: 'Before' })
  const fields = { ...fieldsIn(await show(`/inputs/${id}`)), name: 'After' }
  const answer = await send(`/inputs/${id}`, { ...fields, generate: 'key' })
  expect(answer.status).toBe(200)
  const shown = fieldsIn(await answer.text())
  expect(shown.key).toMatch(/^\w{20,22}$/)
  expect(shown.name).toBe('After')
  expect(await stored(id)).toMatchObject({ key: `key-${id}`, name: 'Before' })
})

it('keeps a secret that was not typed, replaces one that was, and removes it on demand', async () => {
  const id = newId()
  await put(`/inputs/${id}`, { key: `key-${id}`, secret: 'first-secret' })
  const signsIn = async (secret: string): Promise<boolean> => {
    const authorization = `Basic ${btoa(`key-${id}:${secret}`)}`
    const answer = await request('/v2/events', {
      method: 'POST',
      headers: { authorization },
      body: JSON.stringify({ environment: 'production', events: [], mpid: '1' }),
    })
    return answer.status !== 401 && answer.status !== 403
  }
  const save = async (given: Record<string, string>) =>
    send(`/inputs/${id}`, { ...fieldsIn(await show(`/inputs/${id}`)), ...given })
  await save({ name: 'Same secret' })
  expect(await signsIn('first-secret')).toBe(true)
  await save({ secret: 'second-secret' })
  expect([await signsIn('first-secret'), await signsIn('second-secret')]).toEqual([false, true])
  await save({ 'secret.remove': 'on' })
  expect(await stored(id)).not.toHaveProperty('secret')
})

it('takes optional parts on and off', async () => {
  const id = newId()
  await put(`/inputs/${id}`, { key: `key-${id}` })
  const form = async () => fieldsIn(await show(`/inputs/${id}`))
  const app = { 'on.mobile_analytics': 'on', 'mobile_analytics.app_id': `app-${id}` }
  const key = {
    'mobile_analytics.access_keys.0.access_key_id': `key-${id}`,
    'mobile_analytics.access_keys.0.secret_access_key': 'a-secret-of-ten',
  }
  await send(`/inputs/${id}`, { ...(await form()), ...app, ...key })
  expect(await stored(id)).toMatchObject({
    mobile_analytics: { app_id: `app-${id}`, access_keys: [{ access_key_id: `key-${id}` }] },
  })
  const { 'on.mobile_analytics': _, ...off } = await form()
  await send(`/inputs/${id}`, off)
  expect(await stored(id)).not.toHaveProperty('mobile_analytics')
})

it('tells the history who changed an input and why', async () => {
  const id = newId()
  await put(`/inputs/${id}`, { key: `key-${id}` })
  const fields = { ...fieldsIn(await show(`/inputs/${id}`)), name: 'New', note: 'renamed & done' }
  await send(`/inputs/${id}`, fields)
  const { versions } = (await (await admin('/versions?limit=1')).json()) as { versions: object[] }
  expect(versions).toMatchObject([{ by: 'admin', note: 'renamed & done' }])
})

it('asks before an input is deleted, and says why it cannot be', async () => {
  const id = newId()
  await put(`/inputs/${id}`, { key: `key-${id}` })
  const keys = { access_key_id: 'AKIDTEST', secret_access_key: 'test-secret' }
  await put(`/outputs/${id}`, { kind: 'sqs', settings: keys })
  const queue_url = 'https://sqs.eu-central-1.amazonaws.com/123456789012/q'
  await put(`/connections/${id}`, { input: id, output: id, settings: { queue_url } })
  expect(await show(`/inputs/${id}/delete`)).toContain(`Delete ${id}?`)
  const refused = await send(`/inputs/${id}/delete`, {})
  expect(refused.status).toBe(409)
  expect(await refused.text()).toContain(`${id} is used by the connections ${id}.`)
  await admin(`/connections/${id}`, { method: 'DELETE' })
  const deleted = await send(`/inputs/${id}/delete`, {})
  expect(deleted.headers.get('location')).toBe('/console/inputs?done=deleted')
  expect((await admin(`/inputs/${id}`)).status).toBe(404)
})

it('says that there is no such input', async () => {
  const answer = await page('/inputs/nobody', { cookie: await signIn() })
  expect(answer.status).toBe(404)
  expect(await answer.text()).toContain('There is no nobody in inputs.')
})
