import fc from 'fast-check'
import { afterEach, expect, it, vi } from 'vitest'
import { post, secret } from '../../../support/events-api'
import { send, token } from '../../../support/firehose-feed'
import { gate } from '../../../support/gate-client'
import { mobileInput } from '../../../support/mobile-event'
import { putEvents } from '../../../support/put-events'
import { storedText } from '../../../support/stored-text'
import { passFile, passWindow, request, type Seeded, seed, upload } from '../../../support/weir'
import { rejectedOf } from '../rejected'
import {
  alias,
  batch,
  listed,
  message,
  mobile,
  type Name,
  names,
  type Plant,
  spoiled,
} from './planted'

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

interface Rules {
  actions: Record<Name, 'keep' | 'hash' | 'drop'>
  ip: 'keep' | 'truncate' | 'drop'
  user_agent: 'keep' | 'drop'
}

const sendAll = async (seeded: Seeded, plant: Plant, headers: Record<string, string>) => {
  const firehose = { token: `${token}-${seeded.key}` }
  const parts = mobile(plant)
  const identities = {
    known_identities: {
      email: plant('user_identities.email'),
      device_application_stamp: plant('mp_deviceid'),
    },
  }
  const inPath = (body: unknown) =>
    request(`/in/${seeded.key}`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers,
    })
  const answers = [
    await upload(seeded.key, batch(plant), { headers }),
    await upload(seeded.key, spoiled(plant), { headers }),
    await upload(seeded.key, listed(plant, headers), { headers }),
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
  expect(answers.map((one) => one.status)).toEqual([
    202, 202, 202, 202, 202, 202, 202, 202, 200, 200,
  ])
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
