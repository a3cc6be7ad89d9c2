import { describe, expect, it } from 'vitest'
import type { Condition, Health } from '../../../worker/outbox/sending/health'
import { mayAttempt, nextAlarmMs } from '../../../worker/outbox/sending/schedule'
import type { Candidate } from '../../../worker/outbox/sending/target'
import type { OutboxStore } from '../../../worker/outbox/store/store'
import type { OutputKindId } from '../../../worker/outputs'
import type { WaitingLane } from '../../../worker/outputs/target'

const nowMs = 1_000_000_000
const hour = 3_600_000

interface Held {
  lanes?: WaitingLane[]
  files?: number
  expiryMs?: number
}

const storeOf = ({ lanes = [], files = 0, expiryMs }: Held) =>
  ({
    segments: {
      bytes: files + lanes.reduce((sum, { bytes }) => sum + bytes, 0),
      lanes: new Map(lanes.map((lane, i) => [String(i), lane])),
    },
    files: { list: () => Array.from({ length: files }) },
    dead: { nextExpiryMs: () => expiryMs },
  }) as unknown as OutboxStore

const candidateOf = (kind: OutputKindId, settings: Record<string, unknown> = {}): Candidate => ({
  id: 'c',
  output: { id: 'o', name: '', kind, settings: {} },
  settings,
  isOfAudiences: false,
})

const lane = (ageMs: number, given: Partial<WaitingLane> = {}): WaitingLane => ({
  bytes: 100,
  deliveries: 1,
  opened_ms: nowMs - ageMs,
  ...given,
})

const ok: Condition = { state: 'ok' }
const backoff = (ms: number): Condition => ({
  state: 'retrying',
  attempts: 3,
  next_ms: nowMs + ms,
  since_ms: 0,
})
const suspended: Condition = { state: 'suspended', since_ms: 0 }

const [s3, sqs, firehose] = [candidateOf('s3'), candidateOf('sqs'), candidateOf('firehose')]

/** How long after now the alarm of an outbox goes off, ms. */
const alarmIn = (
  held: Held,
  candidate: Candidate | undefined,
  given: { condition?: Condition; verified_ms?: number; isForced?: boolean } = {}
): number | undefined => {
  const { isForced = false, condition = ok, ...rest } = given
  const health: Health = { condition, ...rest }
  const next = nextAlarmMs({ store: storeOf(held), health }, candidate, { nowMs, isForced })
  return next === undefined ? undefined : next - nowMs
}

describe('the next request', () => {
  it('never leaves while there is nothing to do', () => {
    expect(alarmIn({}, s3)).toBeUndefined()
    expect(alarmIn({}, undefined, { isForced: true })).toBeUndefined()
  })

  it.each([
    ['a lane of files, a minute after its first line', s3, lane(10_000), 50_000],
    ['a full file at once', s3, lane(10, { bytes: 8_388_608 }), 0],
    ['an overdue lane at once', s3, lane(90_000), 0],
    ['a queue, a second after its first message', sqs, lane(200), 800],
    ['a full request of a queue at once', sqs, lane(0, { deliveries: 10 }), 0],
    ['an integration, a second after its first message', firehose, lane(400), 600],
    ['all requests of an integration at once', firehose, lane(0, { deliveries: 5 }), 0],
  ])('takes %s', (_, candidate, waiting, expected) => {
    expect(alarmIn({ lanes: [waiting] }, candidate)).toBe(expected)
  })

  it('is that of the lane that is due first', () => {
    expect(alarmIn({ lanes: [lane(0), lane(40_000), lane(20_000)] }, s3)).toBe(20_000)
  })

  it('waits for the end of the backoff, not longer', () => {
    const condition = backoff(30_000)
    expect(alarmIn({ lanes: [lane(90_000)] }, s3, { condition })).toBe(30_000)
    expect(alarmIn({ lanes: [lane(0)] }, s3, { condition })).toBe(60_000)
    expect(alarmIn({ files: 1 }, s3, { condition })).toBe(30_000)
    expect(alarmIn({ files: 1 }, s3, { condition: backoff(-1) })).toBe(0)
    expect(alarmIn({ files: 1 }, s3)).toBe(0)
  })

  it('is looked for once an hour while the connection is paused or suspended', () => {
    expect(alarmIn({ lanes: [lane(0)] }, undefined)).toBe(hour)
    expect(alarmIn({ files: 1 }, s3, { condition: suspended })).toBe(hour)
  })

  it('leaves at once when a retry is forced, unless the connection is paused', () => {
    const condition = backoff(30_000)
    expect(alarmIn({ lanes: [lane(0)] }, s3, { condition, isForced: true })).toBe(0)
    expect(alarmIn({ lanes: [lane(0)] }, undefined, { isForced: true })).toBe(hour)
  })

  it.each([
    ['a day after the last one by default', {}, 23 * hour],
    ['when the setting says', { verification_hours: 2 }, hour],
    ['never where it is off', { verification_hours: 0 }, undefined],
  ])('verifies an integration %s', (_, settings, expected) => {
    const verified_ms = nowMs - hour
    expect(alarmIn({}, candidateOf('firehose', settings), { verified_ms })).toBe(expected)
  })

  it('verifies an integration that fails when the backoff ends', () => {
    const given = { verified_ms: nowMs, condition: backoff(5000) }
    expect(alarmIn({}, firehose, given)).toBe(5000)
    expect(alarmIn({}, firehose, { verified_ms: nowMs, condition: suspended })).toBeUndefined()
  })

  it('does not keep dead letters from expiring', () => {
    expect(alarmIn({ expiryMs: nowMs + 10 }, undefined)).toBe(10)
    expect(alarmIn({ expiryMs: nowMs - 10, files: 1 }, s3, { condition: suspended })).toBe(0)
  })

  it.each([
    [ok, true],
    [backoff(1), false],
    [backoff(0), true],
    [suspended, false],
  ])('may be attempted: %j %s', (condition, expected) => {
    expect(mayAttempt({ condition }, nowMs)).toBe(expected)
  })
})
