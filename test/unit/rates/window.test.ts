import { describe, expect, it } from 'vitest'
import { type Grant, grant, windowMs } from '../../../worker/rates/window'

const alone = { now: 10_000, isolates: 1 }
const ask = (per_second: number, batches: number, ahead = 0) => ({ per_second, batches, ahead })
const answerOf = (grants: Grant[], request = ask(200, 1), when = alone) =>
  grant(grants, request, when).answer

describe('the window of a limit', () => {
  it.each([
    [1, 100_000],
    [10, 10_000],
    [100, 1000],
    [270, 1000],
    [1_000_000, 1000],
  ])('of %i a second is %i ms, in which at least one full bulk request fits', (limit, ms) => {
    expect(windowMs(limit)).toBe(ms)
    expect(answerOf([], ask(limit, 100)).granted).toBe(100)
  })

  it('lets in what fits, and says how much of it is used', () => {
    const used = [{ at_ms: 9500, batches: 150 }]
    expect(answerOf(used, ask(200, 50))).toEqual({ granted: 50, used_percent: 100, retry_ms: 0 })
    expect(answerOf(used, ask(200, 1))).toMatchObject({ granted: 1, used_percent: 75 })
    expect(answerOf(used, ask(200, 51))).toEqual({ granted: 0, used_percent: 75, retry_ms: 500 })
  })

  it('names the time at which enough will have left it', () => {
    const used = [
      { at_ms: 9100, batches: 90 },
      { at_ms: 9300, batches: 60 },
      { at_ms: 9900, batches: 50 },
    ]
    expect([1, 90, 91, 100].map((n) => answerOf(used, ask(200, n)).retry_ms)).toEqual([
      100, 100, 300, 300,
    ])
    const { grants } = grant(used, ask(200, 1), { ...alone, now: 10_100 })
    expect(grants.map(({ at_ms }) => at_ms)).toEqual([9300, 9900, 10_100])
  })

  it('forgets what has left it', () => {
    const used = [{ at_ms: 9000, batches: 200 }]
    expect(grant(used, ask(200, 200), alone).grants).toEqual([{ at_ms: 10_000, batches: 200 }])
    expect(answerOf([{ at_ms: 9001, batches: 200 }]).granted).toBe(0)
  })

  it('leases an isolate its share of what is free, in whole requests', () => {
    const leased = (isolates: number, batches: number, ahead: number) =>
      answerOf([], ask(200, batches, ahead), { now: 0, isolates }).granted
    expect(leased(1, 1, 30)).toBe(31)
    expect(leased(1, 1, 500)).toBe(200)
    expect(leased(4, 1, 500)).toBe(50)
    expect(leased(1, 30, 100)).toBe(120)
    expect(leased(4, 60, 500)).toBe(60)
  })

  it('obeys a limit that was lowered meanwhile', () => {
    const used = [{ at_ms: 9900, batches: 5000 }]
    expect(answerOf(used, ask(200, 1))).toEqual({ granted: 0, used_percent: 100, retry_ms: 900 })
  })
})
