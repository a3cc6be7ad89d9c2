import fc from 'fast-check'
import { afterEach, expect, it, vi } from 'vitest'
import { post, secret } from '../../../support/events-api'
import { eventOf, eventsOf, send, token } from '../../../support/firehose-feed'
import { gate } from '../../../support/gate-client'
import { contextOf, mobileEvent, mobileInput, putEvents } from '../../../support/put-events'
import { storedText } from '../../../support/stored-text'
import { passFile, passWindow, request, type Seeded, seed, upload } from '../../../support/weir'
import { rejectedOf } from '../rejected'

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const names = [
  'user_identities.customer_id',
  'user_identities.email',
  'user_attributes.phone',
  'custom_attributes.card',
  'custom_flags.note',
  'device_info.device_model',
  'application_info.application_name',
  'integration_attributes.77',
  'partner_identities.acme',
  'context.trail',
  'events.page_url',
  'mp_deviceid',
] as const

type Name = (typeof names)[number]

interface Rules {
  actions: Record<Name, 'keep' | 'hash' | 'drop'>
  ip: 'keep' | 'truncate' | 'drop'
  user_agent: 'keep' | 'drop'
}

/** What was planted under a name, in some dialect: each time another text. */
type Plant = (name: Name) => string

const batch = (plant: Plant) => ({
  source_request_id: crypto.randomUUID(),
  mp_deviceid: plant('mp_deviceid'),
  user_identities: {
    customerid: plant('user_identities.customer_id'),
    email: plant('user_identities.email'),
    google: 'kept-google',
  },
  user_attributes: { phone: [plant('user_attributes.phone')], plan: 'pro' },
  device_info: { device_model: plant('device_info.device_model'), platform: 'web' },
  application_info: { application_name: plant('application_info.application_name') },
  integration_attributes: { 77: { id: plant('integration_attributes.77') } },
  partner_identities: { acme: plant('partner_identities.acme') },
  context: { trail: plant('context.trail') },
  events: [
    {
      event_type: 'custom_event',
      data: {
        event_name: 'Planted',
        page_url: plant('events.page_url'),
        custom_attributes: { card: plant('custom_attributes.card'), colour: 'teal' },
        custom_flags: { note: [plant('custom_flags.note')] },
      },
    },
    {
      event_type: 'commerce_event',
      data: {
        product_action: {
          action: 'purchase',
          products: [{ id: 'p1', custom_attributes: { card: plant('custom_attributes.card') } }],
        },
      },
    },
    {
      event_type: 'user_attribute_change',
      data: {
        user_attribute_name: 'phone',
        new: plant('user_attributes.phone'),
        old: plant('user_attributes.phone'),
      },
    },
    {
      event_type: 'user_identity_change',
      data: {
        new: { identity_type: 'email', identity: plant('user_identities.email') },
        old: { identity_type: 'email', identity: plant('user_identities.email') },
      },
    },
  ],
})

const alias = (plant: Plant) => ({
  request_type: 'alias',
  request_id: crypto.randomUUID(),
  data: {
    // Whoever is named by nothing that may stay is nobody.
    source: { user_identities: { email: plant('user_identities.email'), google: 'one' } },
    destination: { mp_deviceid: plant('mp_deviceid'), user_identities: { google: 'two' } },
    start_unixtime_ms: 1,
    end_unixtime_ms: 2,
  },
})

const message = (plant: Plant) =>
  eventsOf(
    [
      eventOf('custom_event', { name: 'P', attributes: { card: plant('custom_attributes.card') } }),
      eventOf('user_attribute_change', { added: { phone: plant('user_attributes.phone') } }),
      eventOf('user_identity_change', {
        removed: [{ type: 'email', encoding: 'raw', value: plant('user_identities.email') }],
      }),
    ],
    {
      device_application_stamp: plant('mp_deviceid'),
      user_identities: [
        { type: 'customer', encoding: 'raw', value: plant('user_identities.customer_id') },
        { type: 'email', encoding: 'sha-256', value: plant('user_identities.email') },
      ],
      user_attributes: { phone: plant('user_attributes.phone') },
      runtime_environment: {
        type: 'android',
        model: plant('device_info.device_model'),
        application_name: plant('application_info.application_name'),
      },
    }
  )

const mobile = (plant: Plant) => ({
  events: [
    mobileEvent('Planted', {
      attributes: {
        card: plant('custom_attributes.card'),
        customer: plant('user_identities.customer_id'),
      },
    }),
  ],
  context: contextOf({
    client: {
      client_id: plant('mp_deviceid'),
      app_title: plant('application_info.application_name'),
    },
    env: { model: plant('device_info.device_model') },
    custom: { phone: plant('user_attributes.phone') },
  }),
})

// A body that is rejected, in part and whole.
const spoiled = (plant: Plant) => {
  const good = batch(plant)
  return { ...good, events: [...good.events, { data: { page_url: 'untyped' } }] }
}

const sendAll = async (seeded: Seeded, plant: Plant, headers: Record<string, string>) => {
  const firehose = { token: `${token}-${seeded.key}` }
  const parts = mobile(plant)
  const identities = { known_identities: { email: plant('user_identities.email') } }
  const inPath = (body: unknown) =>
    request(`/in/${seeded.key}`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers,
    })
  const answers = [
    await upload(seeded.key, batch(plant), { headers }),
    await upload(seeded.key, spoiled(plant), { headers }),
    await inPath(batch(plant)),
    await inPath(alias(plant)),
    await post(seeded, 'events', batch(plant)),
    await post(seeded, 'bulkevents', [batch(plant), { ...batch(plant), events: [{}] }]),
    await putEvents(parts.events, { context: parts.context, beside: headers }),
    await send(firehose, message(plant)),
    await request('/identity/v1/identify', {
      method: 'POST',
      headers: { ...headers, 'x-mp-key': seeded.key },
      body: JSON.stringify(identities),
    }),
  ]
  expect(answers.map((one) => one.status)).toEqual([202, 202, 202, 202, 202, 202, 202, 200, 200])
  const refused = [
    await inPath(JSON.stringify(batch(plant)).slice(0, -1)),
    await post(seeded, 'events', JSON.stringify(spoiled(plant))),
    await putEvents([{ ...parts.events[0], version: 'v1' }], { context: parts.context }),
  ]
  expect(refused.map((one) => one.status)).toEqual([400, 400, 400])
}

const seedWith = ({ actions, ip, user_agent }: Rules) => {
  const own = crypto.randomUUID()
  const of = (action: string) => names.filter((name) => actions[name] === action)
  const app = mobileInput({ customer_id_attribute: 'customer', custom_as_user_attributes: true })
  return seed({
    sqs: { send_alias_requests: true },
    s3: { send_alias_requests: true },
    input: {
      ...app,
      key: `key-${own}`,
      secret,
      firehose: { token: `${token}-key-${own}` },
      privacy: { ip, user_agent, hash: of('hash'), drop: of('drop') },
    },
  }).then((seeded) => ({ ...seeded, key: `key-${own}` }))
}

const rules: fc.Arbitrary<Rules> = fc.record({
  actions: fc.record(
    Object.fromEntries(
      names.map((name) => [name, fc.constantFrom('keep', 'hash', 'drop')])
    ) as Record<Name, fc.Arbitrary<'keep' | 'hash' | 'drop'>>
  ),
  ip: fc.constantFrom('keep', 'truncate', 'drop'),
  user_agent: fc.constantFrom('keep', 'drop'),
})

const outside = async ({ bucket, queue }: Seeded): Promise<string> => {
  await passWindow()
  await passFile()
  const [objects, messages] = [await gate.objects(bucket), await gate.messages(queue)]
  return [...objects.map((one) => one.text), ...messages.map((one) => one.body)].join('\n')
}

const check = async (given: Rules): Promise<void> => {
  const lines: unknown[] = []
  for (const level of ['info', 'warn', 'error', 'log'] as const) {
    vi.spyOn(console, level).mockImplementation((...line) => void lines.push(...line))
  }
  const seeded = await seedWith(given)
  const planted: [Name, string][] = []
  const plant: Plant = (name) => {
    const text = `secret-${crypto.randomUUID()}`
    planted.push([name, text])
    return text
  }
  const random = Math.floor(Math.random() * 2 ** 16)
  const first = `198.18.${random >> 8}`
  const [address, agent] = [`${first}.${(random & 127) + 100}`, `Agent/${crypto.randomUUID()}`]
  await sendAll(seeded, plant, { 'cf-connecting-ip': address, 'user-agent': agent })
  await rejectedOf(seeded.bucket.replace('bucket-', ''), 5)
  const before = await storedText()
  const sent = await outside(seeded)
  const all = [before, sent, await storedText(), JSON.stringify(lines)].join('\n')
  const found = planted.filter(
    ([name, text]) => given.actions[name] !== 'keep' && all.includes(text)
  )
  expect(found).toEqual([])
  expect(all.includes(address)).toBe(given.ip === 'keep')
  expect(all.includes(`${first}.0`)).toBe(given.ip === 'truncate')
  expect(all.includes(agent)).toBe(given.user_agent === 'keep')
  for (const name of names.filter((one) => given.actions[one] === 'keep')) {
    expect(planted.some(([one, text]) => one === name && before.includes(text))).toBe(true)
  }
  expect(sent).toContain('kept-google')
  expect(sent).toContain('teal')
}

it('stores, sends and logs nothing that the rules of an input forbid, and all else', async () => {
  await fc.assert(fc.asyncProperty(rules, check), { numRuns: 6 })
}, 300_000)
