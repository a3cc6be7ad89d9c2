import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RateLimit } from '../../../worker/rates/rate-limit'
import { basic, inputOf, post, secret, seedServer } from '../../support/events-api'
import { batchOf, moveClock, put, request, type Seeded } from '../../support/weir'
import { rejectedOf } from './rejected'

beforeEach(() => moveClock(0))

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const bulk = (count: number) => Array.from({ length: count }, () => batchOf(['some']))
const send = (seeded: Seeded, count: number) => post(seeded, 'bulkevents', bulk(count))
const used = (answer: Response) => answer.headers.get('x-mp-rate-limit-percentage-used')

describe('the limit of an input', () => {
  it('is told with each answer, and refuses what goes beyond it until there is room', async () => {
    const seeded = await seedServer({ batches_per_second: 20 })
    const first = await post(seeded, 'events', batchOf(['one']))
    expect([first.status, used(first)]).toEqual([202, '1'])
    const second = await send(seeded, 90)
    expect([second.status, used(second)]).toEqual([202, '91'])
    moveClock(1000)
    const refused = await send(seeded, 10)
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('4')
    expect(refused.headers.get('x-mp-rate-limit-exceeded')).toBe('feed')
    expect(used(refused)).toBeNull()
    expect(await refused.json()).toEqual({
      errors: [
        {
          code: 'TOO_MANY_REQUESTS',
          message: 'The limit of the input is used up: batches_per_second is 20.',
        },
      ],
    })
    const fewer = await send(seeded, 9)
    expect([fewer.status, used(fewer)]).toEqual([202, '100'])
    moveClock(4000)
    expect((await send(seeded, 10)).status).toBe(202)
  })

  it('counts the good batches of a request, and nothing when it is refused', async () => {
    const seeded = await seedServer({ batches_per_second: 5 })
    const mixed = await post(seeded, 'bulkevents', [...bulk(2), 'bad', { events: [{}] }])
    expect(used(mixed)).toBe('2')
    expect((await post(seeded, 'events', 'bad')).status).toBe(400)
    await rejectedOf(inputOf(seeded), 3)
    expect((await post(seeded, 'bulkevents', [...bulk(99), 'bad'])).status).toBe(429)
    expect(used(await send(seeded, 98))).toBe('100')
    await rejectedOf(inputOf(seeded), 3)
  })

  it.each(['web', 'ios', 'android'])(
    'is an app’s when the input is of platform %s',
    async (platform) => {
      const seeded = await seedServer({ batches_per_second: 1, platform })
      await send(seeded, 100)
      const refused = await send(seeded, 1)
      expect(refused.headers.get('x-mp-rate-limit-exceeded')).toBe('app')
      expect(refused.headers.get('retry-after')).toBe('100')
    }
  )

  it('leaves other inputs alone, and those without a limit ask nobody', async () => {
    const ask = vi.spyOn(RateLimit.prototype, 'ask')
    const limited = await seedServer({ batches_per_second: 1 })
    const other = { id: `o-${inputOf(limited)}`, key: `o-${limited.key}`, secret }
    expect((await put(`/inputs/${other.id}`, other)).status).toBe(201)
    await send(limited, 100)
    expect((await send(limited, 1)).status).toBe(429)
    ask.mockClear()
    const answer = await request('/v2/events', {
      method: 'POST',
      body: JSON.stringify(batchOf(['free'])),
      headers: { authorization: basic(other.key) },
    })
    expect([answer.status, used(answer)]).toEqual([202, null])
    expect(ask).not.toHaveBeenCalled()
  })

  it('is obeyed by all requests at once', async () => {
    const seeded = await seedServer({ batches_per_second: 100 })
    const answers = await Promise.all(
      Array.from({ length: 150 }, () => post(seeded, 'events', batchOf(['some'])))
    )
    const taken = answers.filter((one) => one.status === 202).length
    // Some may lie in a lease for which nobody came any more.
    expect(taken).toBeGreaterThan(80)
    expect(taken).toBeLessThanOrEqual(100)
    expect(answers.filter((one) => one.status === 429)).toHaveLength(150 - taken)
  })

  it('asks far less than once for each of many batches', async () => {
    const ask = vi.spyOn(RateLimit.prototype, 'ask')
    const seeded = await seedServer({ batches_per_second: 1000 })
    for (let i = 0; i < 60; i++) {
      expect((await post(seeded, 'events', batchOf([`n${i}`]))).status).toBe(202)
      moveClock(2)
    }
    expect(ask.mock.calls.length).toBeLessThan(20)
  })

  it('that cannot be asked lets everything in, and says so once', async () => {
    const seeded = await seedServer({ batches_per_second: 1 })
    vi.spyOn(RateLimit.prototype, 'ask').mockImplementation(() => {
      throw new Error('The object is overloaded.')
    })
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const answers = [await send(seeded, 100), await send(seeded, 100)]
    moveClock(5000)
    answers.push(await send(seeded, 1))
    expect(answers.map((one) => [one.status, used(one)])).toEqual([
      [202, null],
      [202, null],
      [202, null],
    ])
    expect(warn).toHaveBeenCalledTimes(1)
    expect(String(warn.mock.calls[0])).toContain('The rate limit could not be checked')
  })
})
