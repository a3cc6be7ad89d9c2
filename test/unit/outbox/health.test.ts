import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../../worker/delivery'
import { afterOutcomes, type Health } from '../../../worker/outbox/sending/health'

const delivered: Outcome = { kind: 'delivered' }
const retry: Outcome = { kind: 'retry', reason: 'HTTP 503' }
const forbidden: Outcome = { kind: 'retry', reason: 'HTTP 403', ownerMustAct: true }
const reject: Outcome = { kind: 'reject', reason: 'too large' }
const fault: Outcome = { kind: 'reject', reason: 'HTTP 400', isFault: true }
const leave: Outcome = { kind: 'delivered', suspend: true }

/** The health after some rounds of attempts, a second apart. */
const healthAfter = (...rounds: Outcome[][]): Health =>
  rounds.reduce<Health>(
    (health, outcomes, i) => afterOutcomes(health, outcomes, { ms: i * 1000, random: 0 }),
    { condition: { state: 'ok' } }
  )

describe('the condition of an output', () => {
  it('stays ok while deliveries are taken, or refused for good', () => {
    expect(healthAfter([delivered], [reject, delivered])).toEqual({ condition: { state: 'ok' } })
  })

  it('counts failures in a row, since the first of them', () => {
    const { condition, last_error } = healthAfter([delivered], [retry], [retry])
    expect(condition).toEqual({ state: 'retrying', attempts: 2, since_ms: 1000, next_ms: 3000 })
    expect(last_error).toEqual({ at_ms: 2000, reason: 'HTTP 503' })
  })

  it('begins the backoff anew when a part was taken', () => {
    const { condition } = healthAfter([retry], [retry], [delivered, retry])
    expect(condition).toMatchObject({ state: 'retrying', attempts: 1, since_ms: 0 })
  })

  it('tells whether its owner must act', () => {
    expect(healthAfter([retry], [forbidden]).condition).toMatchObject({
      state: 'failing',
      attempts: 2,
    })
    expect(healthAfter([forbidden], [retry]).condition).toMatchObject({ state: 'retrying' })
  })

  it('recovers with the first delivery, and remembers the last error', () => {
    expect(healthAfter([retry], [delivered])).toEqual({
      condition: { state: 'ok' },
      last_error: { at_ms: 0, reason: 'HTTP 503' },
    })
  })

  it('is suspended when the integration asks for it', () => {
    expect(healthAfter([retry], [leave]).condition).toEqual({ state: 'suspended', since_ms: 1000 })
  })

  it.each([
    ['delivered', delivered],
    ['retried', retry],
  ])('stays suspended when an attempt that had begun before is %s', (_, outcome) => {
    expect(healthAfter([leave], [outcome]).condition).toEqual({ state: 'suspended', since_ms: 0 })
  })

  it('is suspended by ten refusals in a row', () => {
    const nine = Array.from({ length: 9 }, () => fault)
    expect(healthAfter(nine, [delivered], nine).condition).toEqual({ state: 'ok' })
    const { condition, last_error } = healthAfter(nine, [fault])
    expect(condition).toEqual({ state: 'suspended', since_ms: 1000 })
    expect(last_error?.reason).toBe('10 messages in a row were refused. The last: HTTP 400')
  })
})
