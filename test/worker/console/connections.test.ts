import { afterEach, describe, expect, it, vi } from 'vitest'
import { errorsIn, fieldsIn, page, post, signIn } from '../../support/console'
import { gate } from '../../support/gate-client'
import { seedIntegration } from '../../support/integration'
import {
  admin,
  batchOf,
  runAlarms,
  s3Connection,
  seed,
  sqsConnection,
  upload,
} from '../../support/weir'

afterEach(async () => {
  vi.useRealTimers()
  await gate.faults([])
})

const show = async (path: string): Promise<string> =>
  (await page(path, { cookie: await signIn() })).text()

const send = async (path: string, fields: Record<string, string | string[]> = {}) =>
  post(path, fields, { cookie: await signIn() })

const stored = async (id: string): Promise<Record<string, unknown>> =>
  (await admin(`/connections/${id}`)).json()

const inputOf = (key: string): string => key.replace('key-', '')

const newAt = (key: string, output: string): string =>
  `/connections/new?source=${encodeURIComponent(`input:${inputOf(key)}`)}&output=${output}`

it('lets a person choose what leads where, then has the settings of both', async () => {
  const { key, queue } = await seed({ sqs: false })
  const start = await show('/connections/new')
  expect(start).toContain(`value="input:${inputOf(key)}"`)
  expect(start).toContain('value="queue"')
  const id = `new-${queue}`
  const form = fieldsIn(await show(newAt(key, 'queue')))
  expect(form).toMatchObject({ input: inputOf(key), 'settings.send_screen_views': 'on' })
  const { 'settings.send_crash_events': _, ...rest } = form
  const url = { id, 'settings.queue_url': gate.queueUrl(queue), shards: '2' }
  const answer = await send(newAt(key, 'queue'), { ...rest, ...url })
  expect(answer.headers.get('location')).toBe(`/console/connections/${id}?done=saved`)
  // What has its default is not in the file.
  expect(await stored(id)).toEqual({
    id,
    input: inputOf(key),
    output: 'queue',
    enabled: true,
    shards: 2,
    settings: { queue_url: gate.queueUrl(queue), send_crash_events: false },
  })
})

it('leaves a connection as it was when its form is saved as it is', async () => {
  const seeded = await seed({
    s3: { server_side_encryption: 'aws:kms:some-key', use_compression: true, retention_hours: 5 },
    sqs: { metadata_field_exclusion: ['ip_address'], send_as_batch: false, unique_id: 'x"y' },
  })
  for (const id of [s3Connection(seeded), sqsConnection(seeded)]) {
    const before = await stored(id)
    expect(
      (await send(`/connections/${id}`, fieldsIn(await show(`/connections/${id}`)))).status
    ).toBe(303)
    expect(await stored(id)).toEqual(before)
  }
})

it.each([
  ['settings.queue_url', '', 'Queue URL is required.'],
  [
    'settings.queue_url',
    'https://weir.test/nothing',
    'queue_url must end in /ACCOUNT_ID/QUEUE_NAME.',
  ],
  ['settings.retention_hours', '0', 'must be a whole number of hours from 1'],
  ['settings.retention_hours', 'long', 'must be a whole number of hours from 1'],
  ['settings.max_message_bytes', '1.5', 'must be a whole number of bytes'],
  ['shards', '300', 'shards is invalid'],
  ['input', '', 'is required'],
  ['input', 'nobody', 'There is no input nobody.'],
])('says at the field %s that %j is wrong', async (name, value, message) => {
  const { key, queue } = await seed({ s3: false })
  const id = `sqs-${inputOf(key)}`
  const form = fieldsIn(await show(`/connections/${id}`))
  const answer = await send(`/connections/${id}`, { ...form, [name]: value })
  expect(answer.status).toBe(422)
  const html = await answer.text()
  const place = name.replaceAll('.', '-')
  expect(Object.keys(errorsIn(html))).toEqual([place])
  expect(errorsIn(html)[place]).toContain(message)
  expect(await stored(id)).toMatchObject({ settings: { queue_url: gate.queueUrl(queue) } })
})

it('offers to save without verification when a bucket does not take it', async () => {
  const seeded = await seed({ sqs: false })
  const id = s3Connection(seeded)
  const form = {
    ...fieldsIn(await show(`/connections/${id}`)),
    'settings.bucket_name': 'not-there',
  }
  const refused = await send(`/connections/${id}`, form)
  expect(refused.status).toBe(422)
  const html = await refused.text()
  expect(html).toContain('The output did not accept the verification')
  expect(html).toContain('Save without verification')
  expect((await send(`/connections/${id}`, { ...form, verify: 'false' })).status).toBe(303)
  expect(await stored(id)).toMatchObject({ settings: { bucket_name: 'not-there' } })
})

describe('the test of a connection', () => {
  const test = async (id: string, given: Record<string, string> = {}) => {
    const form = fieldsIn(await show(`/connections/${id}`))
    const answer = await send(`/connections/${id}`, { ...form, ...given, test: 'true' })
    return { status: answer.status, html: await answer.text() }
  }

  it('writes a verification object, and saves nothing', async () => {
    const seeded = await seed({ sqs: false })
    const other = `${seeded.bucket}-2`
    await gate.makeBucket(other)
    const { status, html } = await test(s3Connection(seeded), { 'settings.bucket_name': other })
    expect(status).toBe(200)
    expect(html).toContain('The output accepted the test.')
    expect((await gate.allObjects(other)).map(({ key }) => key).join()).toContain(
      '_Bucket_Verification_'
    )
    expect(await stored(s3Connection(seeded))).toMatchObject({
      settings: { bucket_name: seeded.bucket },
    })
  })

  it('asks a queue without sending a message', async () => {
    const seeded = await seed({ s3: false })
    const { status, html } = await test(sqsConnection(seeded))
    expect([status, html.includes('The output accepted the test.')]).toEqual([200, true])
    expect(await gate.messages(seeded.queue)).toEqual([])
  })

  it.each([
    ['bucket', 's3', 'bucket_name', 'not-there'],
    ['queue', 'sqs', 'queue_url', undefined],
  ] as const)('says why a %s does not take it', async (_, kind, setting, value) => {
    const seeded = await seed()
    const id = kind === 's3' ? s3Connection(seeded) : sqsConnection(seeded)
    const given = value ?? gate.queueUrl('not-there')
    const { status, html } = await test(id, { [`settings.${setting}`]: given })
    expect(status).toBe(422)
    expect(html).toContain('The output did not accept the verification')
    expect(html).toMatch(/NoSuchBucket|NonExistentQueue|QueueDoesNotExist/)
  })

  it('says at the field what is wrong before anybody is asked', async () => {
    const seeded = await seed({ s3: false })
    const { html } = await test(sqsConnection(seeded), { 'settings.queue_url': 'nonsense' })
    expect(errorsIn(html)['settings-queue_url']).toContain('must be a URL')
  })

  it('tries an output that is not saved either, with the secrets that are', async () => {
    const seeded = await seed({ s3: false })
    const connection = await stored(sqsConnection(seeded))
    const output = (await (await admin('/outputs/queue')).json()) as { settings: object }
    const check = (settings: object) =>
      admin('/connections/check', {
        method: 'POST',
        body: JSON.stringify({
          connection,
          output: { ...output, settings: { ...output.settings, ...settings } },
        }),
      })
    expect((await check({})).status).toBe(200)
    const refused = await check({ access_key_id: 'AKIDOTHER', secret_access_key: 'other' })
    expect(refused.status).toBe(422)
    expect(await refused.json()).toMatchObject({ errors: [{ code: 'verification_failed' }] })
    expect(await (await admin('/outputs/queue')).json()).toEqual(output)
  })
})

it('disables and enables, tries again and says so', async () => {
  const seeded = await seed({ s3: false })
  const id = sqsConnection(seeded)
  for (const [action, done, enabled] of [
    ['disable', 'disabled', false],
    ['enable', 'enabled', true],
    ['retry', 'retried', true],
  ] as const) {
    const answer = await send(`/connections/${id}/${action}`)
    expect(answer.headers.get('location')).toBe(`/console/connections/${id}?done=${done}`)
    expect(await stored(id)).toMatchObject({ enabled })
  }
  expect(await show(`/connections/${id}?done=disabled`)).toContain(
    'Disabled. Deliveries wait until'
  )
})

it('does not delete what still holds something, unless it is told to', async () => {
  const seeded = await seed({ s3: false })
  const id = sqsConnection(seeded)
  await gate.faults([{ match: { queue: seeded.queue }, fault: 'forbidden' }])
  await upload(seeded.key, batchOf(['One']))
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 6_000 })
  await runAlarms('PROFILE')
  await runAlarms('OUTBOX')
  const refused = await send(`/connections/${id}/delete`)
  expect(refused.status).toBe(409)
  const html = await refused.text()
  expect(html).toContain('still holds 1 delivery and 0 dead letters')
  expect(html).toContain('Delete it with what waits')
  expect((await send(`/connections/${id}/delete`, { discard: 'true' })).status).toBe(303)
  expect((await admin(`/connections/${id}`)).status).toBe(404)
})

describe('a connection to an integration', () => {
  it('has fields for what the integration asks for, secrets among them', async () => {
    const { connection } = await seedIntegration()
    const html = await show(`/connections/${connection}`)
    expect(html).not.toContain('sk-secret')
    expect(html).toMatch(/<input[^>]*name="settings.account_settings.apiKey"[^>]*type="password"/)
    expect(html).toMatch(/<input[^>]*name="settings.account_settings.test"[^>]*checked/)
    const { 'settings.account_settings.test': _, ...form } = fieldsIn(html)
    expect((await send(`/connections/${connection}`, form)).status).toBe(303)
    expect(await stored(connection)).toMatchObject({
      settings: { account_settings: { apiKey: '********', test: false } },
    })
  })

  it('says at the field what the integration’s settings lack', async () => {
    const { connection } = await seedIntegration()
    const source = `/connections/new?source=input:in-${connection}&output=out-${connection}`
    const form = { ...fieldsIn(await show(source)), id: `two-${connection}` }
    const answer = await send(source, form)
    expect(errorsIn(await answer.text())).toEqual({
      'settings-account_settings-apiKey': 'apiKey is required.',
    })
  })

  it('of audiences has those of each audience, too', async () => {
    const rule = { attribute: { plan: 'pro' } }
    const settings = { audience_subscription_settings: { list: 'a' } }
    const { connection } = await seedIntegration({ audiences: [{ id: 'pros', rule }], settings })
    const html = await show(`/connections/${connection}`)
    expect(fieldsIn(html)).toMatchObject({
      audiences: 'pros',
      'settings.audience_subscription_settings.list': 'a',
    })
    expect(html).not.toContain('audience_subscription_settings.handle')
    expect((await send(`/connections/${connection}`, fieldsIn(html))).status).toBe(303)
  })
})
