import { describe, expect, it } from 'vitest'
import { charge, type Lease, leaseMs, newLease, settleLease } from '../../../worker/rates/lease'
import { type Grant, grant, type RateAnswer } from '../../../worker/rates/window'
import { seededRandom } from '../../support/random-json'

interface Load {
  perSecond: number
  isolates: number
  /** Batches offered a second, over all isolates. */
  offered: number
  /** Of each upload. */
  batches: number
  seconds: number
}

interface Outcome {
  /** When each batch was let in, ms. */
  grantedMs: number[]
  offered: number
  calls: number
}

interface Pending {
  due_ms: number
  isolate: number
  asked: { batches: number; ahead: number; at_ms: number }
  answer: RateAnswer
}

/** Isolates that share a limit, millisecond by millisecond, with answers that take their time. */
const simulate = ({ perSecond, isolates, offered, batches, seconds }: Load): Outcome => {
  const random = seededRandom(perSecond + isolates + offered)
  const leases: Lease[] = Array.from({ length: isolates }, newLease)
  const outcome: Outcome = { grantedMs: [], offered: 0, calls: 0 }
  let grants: Grant[] = []
  let pending: Pending[] = []
  const take = (count: number, now: number) => {
    outcome.grantedMs.push(...Array.from({ length: count }, () => now))
  }
  const upload = (isolate: number, now: number) => {
    outcome.offered += batches
    const charged = charge(leases[isolate]!, batches, now)
    leases[isolate] = charged.lease
    if (charged.charge.kind === 'granted') take(batches, now)
    if (charged.charge.kind !== 'ask') return
    outcome.calls += 1
    const { ahead } = charged.charge
    const asked = { batches, ahead, at_ms: now }
    const granted = grant(grants, { per_second: perSecond, batches, ahead }, { now, isolates })
    grants = granted.grants
    if (granted.answer.granted >= batches) take(batches, now)
    const due_ms = now + 1 + Math.floor(random() * 20)
    pending.push({ due_ms, isolate, asked, answer: granted.answer })
  }
  for (let now = 0; now < seconds * 1000; now++) {
    for (const one of pending.filter(({ due_ms }) => due_ms === now)) {
      leases[one.isolate] = settleLease(leases[one.isolate]!, one.asked, one.answer).lease
    }
    pending = pending.filter(({ due_ms }) => due_ms > now)
    for (let due = offered / batches / 1000; due > 0; due--) {
      if (random() < due) upload(Math.floor(random() * isolates), now)
    }
  }
  return outcome
}

const mostWithin = (ms: number, granted: number[]): number => {
  let most = 0
  let from = 0
  granted.forEach((at, i) => {
    while (granted[from]! <= at - ms) from++
    most = Math.max(most, i - from + 1)
  })
  return most
}

const flood = { offered: 2000, batches: 1, seconds: 20 }

describe('isolates that share a limit', () => {
  it.each([
    { perSecond: 270, isolates: 1, ...flood },
    { perSecond: 270, isolates: 2, ...flood },
    { perSecond: 270, isolates: 10, ...flood, offered: 540 },
    { perSecond: 250, isolates: 2, ...flood, batches: 50 },
    { perSecond: 20, isolates: 3, offered: 100, batches: 1, seconds: 60 },
    { perSecond: 10, isolates: 2, offered: 400, batches: 100, seconds: 120 },
  ])(
    'of $perSecond, offered $offered by $isolates in requests of $batches, take it all and no more',
    (load) => {
      const { grantedMs, calls } = simulate(load)
      const burst = Math.max(load.perSecond, 100)
      const windowMs = (burst / load.perSecond) * 1000
      expect(mostWithin(windowMs - leaseMs, grantedMs)).toBeLessThanOrEqual(burst)
      const most = load.perSecond * load.seconds + burst
      expect(grantedMs.length).toBeLessThanOrEqual(most)
      expect(grantedMs.length).toBeGreaterThan(0.95 * load.perSecond * load.seconds)
      // Nor do those who are refused ask each time, but ten times a second at most.
      expect(calls / load.seconds).toBeLessThan(load.perSecond + 10 * load.isolates)
    }
  )

  it.each([
    { perSecond: 270, isolates: 2, offered: 216, most: 0.12 },
    { perSecond: 270, isolates: 8, offered: 216, most: 0.3 },
    { perSecond: 5000, isolates: 4, offered: 4000, most: 0.08 },
  ])('of $perSecond refuse none of $offered, and ask for a few of them only', (load) => {
    const { grantedMs, offered, calls } = simulate({ ...load, batches: 1, seconds: 20 })
    expect(grantedMs.length).toBe(offered)
    expect(calls / offered).toBeLessThan(load.most)
  })
})

const asked = { batches: 10, ahead: 0, at_ms: 1000 }

describe('an isolate', () => {
  it('that was refused refuses as many by itself for a moment, but asks for fewer', () => {
    const answer = { granted: 0, used_percent: 95, retry_ms: 4000 }
    const { lease, allowed } = settleLease(newLease(), asked, answer)
    expect(allowed).toEqual({ kind: 'refused', retry_ms: 4000 })
    expect(charge(lease, 10, 1100).charge).toEqual({ kind: 'refused', retry_ms: 3900 })
    expect(charge(lease, 9, 1100).charge).toMatchObject({ kind: 'ask' })
    expect(charge(lease, 10, 1000 + leaseMs).charge).toMatchObject({ kind: 'ask' })
  })

  it('lets in what it has leased until the lease ends', () => {
    const answer = { granted: 12, used_percent: 5, retry_ms: 0 }
    const { lease } = settleLease(newLease(), { ...asked, ahead: 5 }, answer)
    const one = charge(lease, 1, 1100)
    expect(one.charge).toEqual({ kind: 'granted', used_percent: 5 })
    expect(charge(one.lease, 2, 1100).charge).toMatchObject({ kind: 'ask' })
    expect(charge(one.lease, 1, 1000 + leaseMs).charge).toMatchObject({ kind: 'ask' })
  })

  it('asks for more than its own once at a time', () => {
    const busy = { ...newLease(), arrivals: { since_ms: 900, batches: 40, before: 0 } }
    const first = charge(busy, 1, 1000)
    expect(first.charge).toEqual({ kind: 'ask', ahead: 40 })
    expect(charge(first.lease, 1, 1001).charge).toEqual({ kind: 'ask', ahead: 0 })
    const { lease } = settleLease(
      first.lease,
      { batches: 1, ahead: 40, at_ms: 1000 },
      { granted: 1, used_percent: 99, retry_ms: 0 }
    )
    expect(charge(lease, 1, 1002).charge).toEqual({ kind: 'ask', ahead: 41 })
  })
})
