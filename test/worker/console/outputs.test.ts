import { describe, expect, it } from 'vitest'
import { errorsIn, fieldsIn, page, post, signIn } from '../../support/console'
import { gate } from '../../support/gate-client'
import { newIntegration, registration, seedIntegration, token } from '../../support/integration'
import { storeOutput } from '../../support/token-server'
import { admin } from '../../support/weir'

const show = async (path: string): Promise<string> =>
  (await page(path, { cookie: await signIn() })).text()

const send = async (path: string, fields: Record<string, string | string[]> = {}) =>
  post(path, fields, { cookie: await signIn() })

const stored = async (id: string): Promise<Record<string, unknown>> =>
  (await admin(`/outputs/${id}`)).json()

const newId = () => `output-${crypto.randomUUID().slice(0, 8)}`

it.each([
  ['sqs', { access_key_id: 'AKID', secret_access_key: 'a-secret' }],
  ['s3', { access_key_id: 'AKID', secret_access_key: 'a-secret', aws_region: 'eu-central-1' }],
])('saves an output of kind %s, and never shows its secret', async (kind, settings) => {
  const id = newId()
  const given = Object.entries(settings).map(([name, value]) => [`settings.${name}`, value])
  const form = fieldsIn(await show(`/outputs/new/${kind}`))
  const answer = await send(`/outputs/new/${kind}`, { ...form, id, ...Object.fromEntries(given) })
  expect(answer.headers.get('location')).toBe(`/console/outputs/${id}?done=saved`)
  const secret_access_key = '********'
  expect(await stored(id)).toEqual({
    id,
    name: '',
    kind,
    settings: { ...settings, secret_access_key },
  })
  const html = await show(`/outputs/${id}`)
  expect(html).not.toContain('a-secret')
  expect(html).toContain('placeholder="set; empty keeps it"')
  await send(`/outputs/${id}`, { ...fieldsIn(html), name: 'Renamed' })
  expect(await stored(id)).toMatchObject({ name: 'Renamed', settings: { secret_access_key } })
})

it.each([
  ['sqs', 'settings.role_arn', 'nonsense', 'must be the ARN of an IAM role'],
  ['sqs', 'settings.endpoint_url', 'nonsense', 'must be a URL'],
  ['sqs', 'settings.access_key_id', 'AKID', 'secret_access_key'],
  ['firehose', 'settings.account_id', 'x', 'must be a whole number of id from 1'],
])('says at the field of %s, %s, that %j is wrong', async (kind, name, value, message) => {
  const form = fieldsIn(await show(`/outputs/new/${kind}`))
  const answer = await send(`/outputs/new/${kind}`, { ...form, id: newId(), [name]: value })
  expect(answer.status).toBe(422)
  const html = await answer.text()
  const errors = errorsIn(html)
  expect(Object.values(errors).join()).toContain(message)
  expect(html).toContain(`value="${value}"`)
})

it('has no form for a kind that there is not', async () => {
  expect((await page('/outputs/new/ftp', { cookie: await signIn() })).status).toBe(404)
})

it('asks before an output is deleted, and says why it cannot be', async () => {
  const { output, connection } = await seedIntegration()
  expect(await show(`/outputs/${output}/delete`)).toContain(`Delete ${output}?`)
  const refused = await send(`/outputs/${output}/delete`)
  expect(refused.status).toBe(409)
  expect(await refused.text()).toContain(`${output} is used by the connections ${connection}.`)
  await admin(`/connections/${connection}`, { method: 'DELETE' })
  expect((await send(`/outputs/${output}/delete`)).status).toBe(303)
  expect((await admin(`/outputs/${output}`)).status).toBe(404)
})

describe('an output to an integration', () => {
  it('shows what the integration said of itself, and asks it again', async () => {
    const { integration, output } = await seedIntegration()
    const html = await show(`/outputs/${output}`)
    for (const said of [
      'Acme 1.0',
      'events, audiences',
      'email (sha256)',
      'user attributes',
      'apiKey',
    ]) {
      expect(html).toContain(said)
    }
    await integration.script({ registration: { ...registration, version: '2.0' } })
    const asked = await send(`/outputs/${output}/registration`)
    expect(asked.headers.get('location')).toBe(`/console/outputs/${output}?done=asked`)
    expect(await show(`/outputs/${output}`)).toContain('Acme 2.0')
    await integration.script({ registration: { version: '3.0' } })
    const refused = await send(`/outputs/${output}/registration`)
    expect(refused.status).toBe(422)
    expect(await refused.text()).toContain('That did not work.')
  })

  it('is not saved when the integration does not answer, and says so', async () => {
    const integration = await newIntegration()
    const id = newId()
    const form = fieldsIn(await show('/outputs/new/firehose'))
    const settings = { 'settings.url': `${gate.url}/nobody/`, 'settings.token': token }
    const answer = await send('/outputs/new/firehose', { ...form, id, ...settings })
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain('The integration did not register')
    const there = { ...form, id, ...settings, 'settings.url': integration.url }
    expect((await send('/outputs/new/firehose', there)).status).toBe(303)
  })

  it('leads its owner to the authorization server, by a link', async () => {
    const id = newId()
    await storeOutput(id, {
      authentication: {
        type: 'oauth2',
        authorization_url: 'https://login.example.com/authorize',
        token_url: 'https://login.example.com/token',
      },
    })
    const html = await show(`/outputs/${id}`)
    expect(html).toContain('not authorized')
    expect(html).toContain('https://weir.test/oauth/callback')
    const answer = await send(`/outputs/${id}/authorization`)
    expect(answer.status).toBe(200)
    expect(await answer.text()).toMatch(
      /href="https:\/\/login\.example\.com\/authorize\?[^"]*state=/
    )
  })
})
