import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { DeliveryHistory } from '../../../worker/admin/answers/connections'
import type { Connection } from '../../../worker/config/workspace-file'
import { deliveredPerMinute, rateOf } from '../../../worker/console/overview/rate'
import { planFlow } from '../../../worker/console/overview/slots'
import { page, post, signIn } from '../../support/console'
import { gate } from '../../support/gate-client'
import {
  batchOf,
  passFile,
  passWindow,
  put,
  request,
  s3Connection,
  seed,
  sqsConnection,
  status,
  upload,
} from '../../support/weir'

afterEach(async () => {
  vi.restoreAllMocks()
  vi.useRealTimers()
  await gate.faults([])
})

const show = async (): Promise<string> => (await page('', { cookie: await signIn() })).text()

it('begins with what to do first', async () => {
  await put('/workspace?discard=true', {})
  expect(await show()).toContain('href="/console/inputs/new"')
})

it('shows what leads where, and how it does', async () => {
  const seeded = await seed()
  const html = await show()
  expect(html).toContain('All connections are well.')
  for (const [id, output] of [
    [s3Connection(seeded), 'lake'],
    [sqsConnection(seeded), 'queue'],
  ] as const) {
    expect(html).toContain(`<a href="/console/connections/${id}">${id}</a>`)
    expect(html).toContain(`${seeded.key.replace('key-', '')} to ${output}, `)
    expect(html).toContain(`<a href="/console/outputs/${output}">${output}</a>`)
  }
  // The lines are for the eye: what they say stands in the boxes.
  expect(html.match(/<svg[^>]*aria-hidden="true"/g)).toHaveLength(2)
})

it('puts first what somebody has to mend', async () => {
  const seeded = await seed({ s3: false })
  await gate.faults([{ match: { queue: seeded.queue }, fault: 'forbidden' }])
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
  await upload(seeded.key, batchOf(['One', 'Two']))
  await passWindow()
  await passFile()
  await expect.poll(async () => (await status(sqsConnection(seeded))).state).toBe('failing')
  const html = await show()
  expect(html).toContain('Needs attention')
  expect(html).toContain('<span class="badge bad">failing</span>')
  expect(html).toContain('HTTP 403 AccessDenied')
  expect(html).toContain('2 waiting')
})

it('lies below the base path as well', async () => {
  vi.spyOn(env, 'BASE_PATH', 'get').mockReturnValue('/hello')
  const body = new URLSearchParams({ token: 'test-admin-token' })
  const headers = { origin: 'https://weir.test' }
  const path = '/hello/console/sign-in'
  const answer = await request(path, { method: 'POST', body, headers, redirect: 'manual' })
  expect(answer.headers.get('location')).toBe('/hello/console')
  const given = answer.headers.get('set-cookie') ?? ''
  expect(given).toContain('Path=/hello/console')
  const cookie = given.split(';')[0] ?? ''
  const html = await (await request('/hello/console', { headers: { cookie } })).text()
  expect(html).toContain('href="/hello/console/console.css"')
  expect([...html.matchAll(/(?:href|action|src)="(\/[^"]*)"/g)].map(([, one]) => one)).toSatisfy(
    (all: string[]) => all.length > 10 && all.every((one) => one.startsWith('/hello/console'))
  )
  expect((await post('/sign-in', { token: 'test-admin-token' })).headers.get('location')).toBe(
    '/console'
  )
})

const minute = 60_000

describe('the rate of a connection', () => {
  const historyOf = (to_ms: number, delivered: [number, number][]): DeliveryHistory => ({
    id: 'one',
    from_ms: 0,
    to_ms,
    bucket_ms: 5 * minute,
    buckets: delivered.map(([at_ms, count]) => ({
      at_ms: at_ms * minute,
      delivered: count,
      requests: 1,
      failed: 0,
      dead: 0,
    })),
  })

  it.each([
    ['nothing', 100, [], 0],
    [
      'ten minutes and what has begun',
      112,
      [
        [100, 60],
        [105, 30],
        [110, 30],
      ],
      10,
    ],
    ['not what is older', 112, [[95, 600]], 0],
    [
      'whole minutes as well',
      110,
      [
        [100, 50],
        [105, 50],
      ],
      10,
    ],
  ] as const)('is that of %s', (_, now, delivered, rate) => {
    const given = delivered.map(([at, count]): [number, number] => [at, count])
    expect(deliveredPerMinute(historyOf(now * minute, given))).toBe(rate)
  })

  it.each([
    [0, '0'],
    [0.05, 'below 0.1'],
    [1.26, '1.3'],
    [12_345.6, '12,346'],
  ])('%d is told as %s', (rate, words) => {
    expect(rateOf(rate)).toBe(words)
  })
})

describe('the plan of the flow', () => {
  const connection = (id: string, input: string, output: string): Connection => ({
    id,
    input,
    output,
    enabled: true,
    shards: 1,
    settings: {},
  })

  it('puts each thing into a row of its own, near to what it leads to', () => {
    const plan = planFlow({
      inputs: [{ id: 'web' }, { id: 'app' }, { id: 'idle' }],
      outputs: [{ id: 'queue' }, { id: 'lake' }],
      connections: [
        connection('app-lake', 'app', 'lake'),
        connection('web-queue', 'web', 'queue'),
        connection('web-lake', 'web', 'lake'),
      ],
    })
    expect(plan.connections.map(({ id }) => id)).toEqual(['web-queue', 'web-lake', 'app-lake'])
    expect(plan.sources.map((one) => one?.id)).toEqual(['web', undefined, 'app', 'idle'])
    expect(plan.outputs).toEqual(['queue', 'lake'])
    expect(plan.into).toEqual([
      [0, 0],
      [0, 1],
      [2, 2],
    ])
    expect(plan.outOf).toEqual([
      [0, 0],
      [1, 1],
      [2, 1],
    ])
    expect(plan.rows).toBe(4)
  })

  it('keeps what many connections share in the middle', () => {
    const ids = ['a', 'b', 'c', 'd']
    const plan = planFlow({
      inputs: [{ id: 'web' }],
      outputs: [{ id: 'one' }, { id: 'two' }, { id: 'unused' }],
      connections: ids.flatMap((id) => [
        connection(`${id}-1`, 'web', 'one'),
        connection(`${id}-2`, 'web', 'two'),
      ]),
    })
    expect(plan.outputs.indexOf('one')).toBe(3)
    expect(plan.outputs.slice(3)).toEqual(['one', 'two', 'unused'])
    expect(plan.sources.indexOf(plan.sources.find((one) => one?.id === 'web'))).toBe(3)
  })

  it('has audiences where they feed a connection', () => {
    const { input: _, ...rest } = connection('told', '', 'queue')
    const plan = planFlow({
      inputs: [],
      outputs: [{ id: 'queue' }],
      connections: [{ ...rest, audiences: ['a', 'b'] }],
    })
    expect(plan.sources).toEqual([
      { kind: 'audience', id: 'a' },
      { kind: 'audience', id: 'b' },
    ])
    expect(plan.into).toEqual([
      [0, 0],
      [1, 0],
    ])
  })
})
