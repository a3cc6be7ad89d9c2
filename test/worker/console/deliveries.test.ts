import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { chartOf, hoursOf } from '../../../worker/console/deliveries/summary'
import { page, post, signIn } from '../../support/console'
import { gate } from '../../support/gate-client'
import { handOffOf, outboxOf } from '../../support/hand-off'
import { admin, passFile, s3Connection, seed, sqsConnection, status } from '../../support/weir'

let cookie: string

beforeEach(async () => {
  await gate.faults([])
  cookie = await signIn()
})

afterEach(() => {
  vi.useRealTimers()
})

const textOf = async (path: string): Promise<string> => (await page(path, { cookie })).text()

const bury = async (text = '{"events":[{"data":{"event_name":"<b>"}}]}'): Promise<string> => {
  const connection = sqsConnection(await seed({ s3: false }))
  const { deliveries, ...rest } = handOffOf('big', { lane: '' })
  const unsendable = 'The message has 2000000 bytes.'
  await outboxOf(connection).enqueue({
    ...rest,
    deliveries: deliveries.map((one) => ({ ...one, text, unsendable })),
  })
  return connection
}

const letterOf = async (connection: string): Promise<string> => {
  const answer = await admin(`/connections/${connection}/dead-letters`)
  const { dead_letters } = await answer.json<{ dead_letters: { id: string }[] }>()
  return dead_letters[0]!.id
}

describe('the list of deliveries', () => {
  it('shows what waits, what was delivered and the dead letters of each connection', async () => {
    const connection = await bury()
    const text = await textOf('/deliveries')
    expect(text).toContain(`href="/console/deliveries/${connection}"`)
    expect(text).toContain(`href="/console/deliveries/${connection}#dead-letters"`)
  })
})

describe('the deliveries of a connection', () => {
  it('are shown as charts and as a table by hour', async () => {
    const connection = s3Connection(await seed({ sqs: false }))
    await outboxOf(connection).enqueue(handOffOf('a'))
    await passFile()
    const text = await textOf(`/deliveries/${connection}`)
    expect(text.match(/data-chart=/g)).toHaveLength(2)
    expect(text).toContain('Deliveries of the last 24 hours, by hour')
    expect(text).toContain('/console/charts.js')
    expect(text).not.toContain('style=')
  })

  it('name the error while the output refuses', async () => {
    const seeded = await seed({ sqs: false })
    await gate.faults([{ match: { bucket: seeded.bucket }, fault: 'forbidden' }])
    await outboxOf(s3Connection(seeded)).enqueue(handOffOf('a'))
    await passFile()
    const text = await textOf(`/deliveries/${s3Connection(seeded)}`)
    expect(text).toContain('failing')
    expect(text).toContain('Last error')
  })

  it('are tried again at once when somebody says so', async () => {
    const connection = s3Connection(await seed({ sqs: false }))
    const answer = await post(`/deliveries/${connection}/retry`, {}, { cookie })
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe(`/console/deliveries/${connection}?done=retried`)
  })

  it('are not found where there is no such connection', async () => {
    expect((await page('/deliveries/nowhere', { cookie })).status).toBe(404)
    expect((await post('/deliveries/nowhere/retry', {}, { cookie })).status).toBe(404)
  })
})

describe('dead letters', () => {
  it('are listed with their reason and their payload, escaped', async () => {
    const text = await textOf(`/deliveries/${await bury()}`)
    expect(text).toContain('The message has 2000000 bytes.')
    expect(text).toContain('&quot;event_name&quot;: &quot;&lt;b&gt;&quot;')
    expect(text).not.toContain('<b>')
  })

  it('show numbers beyond 2^53 with all their digits', async () => {
    const text = await textOf(`/deliveries/${await bury('{"mpid":-1234567890123456789}')}`)
    expect(text).toContain('-1234567890123456789')
  })

  it('that are not JSON are shown as they are', async () => {
    expect(await textOf(`/deliveries/${await bury('no <json>')}`)).toContain('no &lt;json&gt;')
  })

  it.each([
    ['one', (id: string) => id],
    ['all', () => 'all'],
  ])('are replayed: %s', async (_, letter) => {
    const connection = await bury()
    const fields = { letter: letter(await letterOf(connection)) }
    const answer = await post(`/deliveries/${connection}/replay`, fields, { cookie })
    expect(answer.headers.get('location')).toBe(`/console/deliveries/${connection}?done=replayed`)
    expect((await status(connection)).dead_letters.letters).toBe(0)
  })

  it.each([
    ['one', (id: string) => id],
    ['all', () => 'all'],
  ])('are deleted after a confirmation: %s', async (_, letter) => {
    const connection = await bury()
    const chosen = letter(await letterOf(connection))
    const path = `/deliveries/${connection}/delete`
    const asked = await textOf(`${path}?letter=${chosen}`)
    expect(asked).toContain('This cannot be undone.')
    expect((await status(connection)).dead_letters.letters).toBe(1)
    const answer = await post(path, { letter: chosen }, { cookie })
    expect(answer.status).toBe(303)
    expect((await status(connection)).dead_letters.letters).toBe(0)
    expect((await status(connection)).ledger.dead).toBe(1)
  })

  it.each(['replay', 'delete'])('that no form names are not %sd', async (act) => {
    const connection = await bury()
    for (const fields of [{}, { letter: 'nonsense' }]) {
      const answer = await post(`/deliveries/${connection}/${act}`, fields, { cookie })
      expect(answer.status).toBe(422)
    }
    expect((await status(connection)).dead_letters.letters).toBe(1)
  })

  it('are nobody’s who has not signed in', async () => {
    const connection = await bury()
    const answer = await post(`/deliveries/${connection}/delete`, { letter: 'all' })
    expect(answer.status).toBe(401)
    expect((await status(connection)).dead_letters.letters).toBe(1)
  })
})

describe('what charts draw', () => {
  const bucket = (at_ms: number, delivered: number) => ({
    at_ms,
    delivered,
    requests: 1,
    failed: 0,
    dead: 0,
  })
  const history = {
    id: 'c',
    from_ms: 3_600_000,
    to_ms: 3_600_000 + 86_400_000,
    bucket_ms: 300_000,
    buckets: [bucket(7_200_000, 3), bucket(7_500_000, 4), bucket(10_800_000, 5)],
  }

  it('has a value for each five minutes of the day', () => {
    const { times, step, lines } = chartOf(history, [{ label: 'E', tone: 1, count: 'delivered' }])
    expect(times).toHaveLength(288)
    expect(times.at(-1)! - times[0]!).toBe(287 * step)
    expect(lines[0]!.values.reduce((sum, one) => sum + one, 0)).toBe(12)
    expect(lines[0]!.values[times.indexOf(7500)]).toBe(4)
  })

  it('is told by hour, newest first, as well', () => {
    expect(hoursOf(history).map(({ at_ms, delivered }) => [at_ms, delivered])).toEqual([
      [10_800_000, 5],
      [7_200_000, 7],
    ])
  })
})
