import { describe, expect, it } from 'vitest'
import {
  chargeMinute,
  MinuteCounts,
  type MinuteLease,
  newMinuteLease,
  settleMinute,
} from '../../../worker/rates/minute'

/** So many isolates that count requests by turns, and how many each lets in. */
const run = (limit: number, free: number, requests: number, isolates = 1): number[] => {
  const counts = new MinuteCounts()
  const leases: MinuteLease[] = Array.from({ length: isolates }, () => newMinuteLease(7, free))
  const totals = leases.map(() => 0)
  for (let i = 0; i < requests; i++) {
    const at = i % isolates
    const { lease, charge } = chargeMinute(leases[at]!, limit)
    const granted = typeof charge === 'string' ? 0 : counts.count('name', charge)
    leases[at] = typeof charge === 'string' ? lease : settleMinute(lease, granted)
    if (charge === 'granted' || granted > 0) totals[at]! += 1
  }
  return totals
}

const sum = (numbers: number[]): number => numbers.reduce((total, number) => total + number, 0)

describe('the requests of a minute', () => {
  it.each([
    [1, 1],
    [10, 2],
    [100, 25],
    [1000, 0],
  ])('of a limit of %i are let in by one isolate to the last one', (limit, free) => {
    expect(run(limit, free, 3 * limit)).toEqual([limit])
  })

  it('are shared by isolates, none of which gets them all', () => {
    const granted = run(1000, 20, 9000, 3)
    expect(sum(granted)).toBe(1000)
    expect(Math.min(...granted)).toBeGreaterThan(200)
  })

  it('exceed the limit by no more than what isolates let in without asking', () => {
    const granted = run(40, 10, 1000, 10)
    expect(sum(granted)).toBeGreaterThanOrEqual(40)
    expect(sum(granted)).toBeLessThanOrEqual(40 + 10 * 10)
  })

  it('are forgotten with the minute', () => {
    const counts = new MinuteCounts()
    const request = { limit: 5, unreported: 0, wanted: 5 }
    expect(counts.count('a', { ...request, minute: 1 })).toBe(5)
    expect(counts.count('a', { ...request, minute: 1 })).toBe(0)
    expect(counts.count('b', { ...request, minute: 1 })).toBe(5)
    expect(counts.count('a', { ...request, minute: 2 })).toBe(5)
  })
})
