import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  chargeQuota,
  grantQuota,
  newQuotaLease,
  type QuotaLease,
  type QuotaUse,
  settleQuota,
  untilMidnightMs,
} from '../../../worker/rates/quota'

const day = 20_000
const startMs = day * 86_400_000

/** How many events one isolate lets in of batches of these sizes, one each second, and how it asks. */
const run = (limit: number, sizes: number[]) => {
  let use: QuotaUse | undefined
  let lease: QuotaLease = newQuotaLease(day, limit)
  let [granted, asked] = [0, 0]
  for (const [i, events] of sizes.entries()) {
    const now = startMs + i * 1000
    const charged = chargeQuota(lease, events, now)
    lease = charged.lease
    if (charged.charge === 'granted') granted += events
    if (typeof charged.charge === 'string') continue
    asked += 1
    const answer = grantQuota(use, charged.charge)
    use = answer.use
    lease = settleQuota(lease, { events, now }, answer.granted)
    if (answer.granted >= events) granted += events
  }
  return { granted, asked }
}

describe('the quota of a day', () => {
  it('lets in all that fits, to the last event', () => {
    expect(run(100, Array(300).fill(1)).granted).toBe(100)
    expect(run(1000, Array(300).fill(7)).granted).toBe(994)
  })

  it('is never exceeded, whatever comes', () => {
    const property = fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 200 }),
      (limit, sizes) => {
        const { granted } = run(limit, sizes)
        expect(granted).toBeLessThanOrEqual(limit)
        const total = sizes.reduce((sum, one) => sum + one, 0)
        if (total * 2 <= limit) expect(granted).toBe(total)
      }
    )
    fc.assert(property)
  })

  it('is rarely asked for where it is large', () => {
    expect(run(1_000_000, Array(600).fill(10)).asked).toBeLessThan(90)
  })

  it('begins anew at midnight, UTC', () => {
    const request = { limit: 10, events: 10, ahead: 0 }
    const { use, granted } = grantQuota(undefined, { ...request, day })
    expect(granted).toBe(10)
    expect(grantQuota(use, { ...request, day }).granted).toBe(0)
    expect(grantQuota(use, { ...request, day: day + 1 }).granted).toBe(10)
    expect(untilMidnightMs(startMs)).toBe(86_400_000)
    expect(untilMidnightMs(startMs - 1)).toBe(1)
  })
})
