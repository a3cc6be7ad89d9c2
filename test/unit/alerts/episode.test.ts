import { describe, expect, it } from 'vitest'
import {
  type Episode,
  evaluate,
  type Facts,
  isEmptyEpisode,
  nextEvaluationMs,
  noEpisode,
  withAttempt,
  withoutDelivered,
  withoutExpired,
} from '../../../worker/alerts/episode'

const minute = 60_000
const limits = { failing_minutes: 10, lag_minutes: 60 }

/** What is told when an outbox is looked at minute by minute, `null` for an output that is well. */
const told = (looks: { at: number; failing?: number; late?: number }[]) => {
  let episode: Episode = noEpisode
  return looks.map(({ at, failing, late }) => {
    const facts: Facts = {
      failing_since_ms: failing === undefined ? undefined : failing * minute,
      late_since_ms: late === undefined ? undefined : late * minute,
    }
    const before = episode.notifications.length
    episode = evaluate(episode, { facts, limits, nowMs: at * minute }, () => `n${at}`)
    return episode.notifications.slice(before).map((one) => one.type.replace('connection_', ''))
  })
}

describe('an episode', () => {
  it.each([
    ['nothing while all is well', [{ at: 1 }, { at: 100 }], [[], []]],
    [
      'nothing of a failure that ends in time',
      [{ at: 5, failing: 0 }, { at: 9, failing: 0 }, { at: 10 }],
      [[], [], []],
    ],
    [
      'a failure once, and its end once',
      [
        { at: 9, failing: 0 },
        { at: 10, failing: 0 },
        { at: 90, failing: 0 },
        { at: 91 },
        { at: 92 },
      ],
      [[], ['failing'], [], ['recovered'], []],
    ],
    [
      'the lag that follows a failure, and one end for both',
      [
        { at: 10, failing: 0, late: 1 },
        { at: 61, failing: 0, late: 1 },
        { at: 62, late: 1 },
        { at: 63, late: 60 },
      ],
      [['failing'], ['lagging'], [], ['recovered']],
    ],
    ['both at once', [{ at: 80, failing: 0, late: 0 }], [['failing', 'lagging']]],
    [
      'no end of a lag before half of it is made up',
      [
        { at: 60, late: 0 },
        { at: 70, late: 20 },
        { at: 80, late: 20 },
        { at: 90, late: 61 },
      ],
      [['lagging'], [], [], ['recovered']],
    ],
    [
      'the next failure after an end',
      [{ at: 10, failing: 0 }, { at: 11 }, { at: 30, failing: 15 }],
      [['failing'], ['recovered'], ['failing']],
    ],
    [
      'not the same failure twice while it still lags',
      [
        { at: 60, failing: 0, late: 0 },
        { at: 61, late: 0 },
        { at: 80, failing: 62, late: 0 },
      ],
      [['failing', 'lagging'], [], []],
    ],
  ])('tells %s', (_, looks, expected) => {
    expect(told(looks)).toEqual(expected)
  })

  it('says since when it was so', () => {
    const facts = { failing_since_ms: 7, late_since_ms: undefined }
    const begun = evaluate(noEpisode, { facts, limits, nowMs: 20 * minute }, () => 'a')
    expect(begun.notifications).toEqual([
      { id: 'a', type: 'connection_failing', at_ms: 20 * minute, since_ms: 7 },
    ])
    const over = evaluate(begun, { facts: {}, limits, nowMs: 21 * minute }, () => 'b')
    expect(over.notifications[1]).toEqual({
      id: 'b',
      type: 'connection_recovered',
      at_ms: 21 * minute,
      since_ms: 7,
    })
  })

  it('is nothing to remember once its end was taken', () => {
    const facts = { failing_since_ms: 0 }
    const begun = evaluate(noEpisode, { facts, limits, nowMs: 20 * minute }, () => 'a')
    const taken = withoutDelivered(begun, 'a')
    expect(isEmptyEpisode(taken)).toBe(false)
    const over = evaluate(taken, { facts: {}, limits, nowMs: 21 * minute }, () => 'b')
    expect(isEmptyEpisode(over)).toBe(false)
    expect(isEmptyEpisode(withoutDelivered(over, 'b'))).toBe(true)
  })

  it('gives a notice up after a day', () => {
    const begun = evaluate(
      noEpisode,
      { facts: { failing_since_ms: 0 }, limits, nowMs: 20 * minute },
      () => 'a'
    )
    expect(withoutExpired(begun, 1440 * minute)).toBe(begun)
    expect(withoutExpired(begun, 1460 * minute).notifications).toEqual([])
  })
})

describe('the next look', () => {
  it.each<[string, Episode, Facts, number | undefined]>([
    ['is never while all is well', noEpisode, {}, undefined],
    ['is when a failure has lasted', noEpisode, { failing_since_ms: 5 }, 5 + 10 * minute],
    ['is when the lag has lasted', noEpisode, { late_since_ms: 5 }, 5 + 60 * minute],
    [
      'is for what was not told yet',
      { ...noEpisode, reported: { failing: 5 } },
      { failing_since_ms: 5, late_since_ms: 6 },
      6 + 60 * minute,
    ],
    [
      'is when a notice may be sent again',
      withAttempt(
        evaluate(
          noEpisode,
          { facts: { failing_since_ms: 0 }, limits, nowMs: 10 * minute },
          () => 'a'
        ),
        10 * minute,
        7000
      ),
      { failing_since_ms: 0 },
      10 * minute + 7000,
    ],
  ])('%s', (_, episode, facts, expected) => {
    expect(nextEvaluationMs(episode, facts, limits)).toBe(expected)
  })
})
