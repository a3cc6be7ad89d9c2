import { describe, expect, it } from 'vitest'
import type { HandOff } from '../../../../worker/delivery'
import type { Upload } from '../../../../worker/profiles/upload'
import { contextOf, mobileEvent } from '../../../support/mobile-event'
import { storedOf } from '../../../support/mobile-request'
import { s3Settings } from '../../../support/outbound'
import { ProfileModel, uploadOf } from '../../../support/profile'

const kept = s3Settings({ keep_session_attributes: true })
const records = s3Settings({ record_format: 'mobile_analytics_event' })
const started = mobileEvent('_session.start', { attributes: { build: 'beta' } })

const mobileUpload = (text: string, settings = s3Settings()): Upload => ({
  ...uploadOf({}, [settings], { edge: { channel: 'native' } }),
  kind: 'mobile_analytics',
  text,
})

const handOffOf = (texts: string[], settings = s3Settings()): HandOff => {
  const profile = new ProfileModel()
  for (const text of texts) profile.arrive(mobileUpload(text, settings))
  const [handOff, ...others] = profile.handOffs(() => ({ settings }))
  if (!handOff || others.length > 0) throw new Error('Not one hand-off.')
  return handOff
}

const sentIn = ({ deliveries }: HandOff): Record<string, unknown>[] =>
  deliveries.map((one) => JSON.parse(one.text))

const expectAccounted = ({ accepted, filtered, deliveries }: HandOff): void => {
  const left = Object.values(filtered).reduce((sum, count) => sum + count, 0)
  expect(accepted).toBe(left + deliveries.reduce((sum, one) => sum + one.events, 0))
}

describe('stored requests of a device', () => {
  const texts = [
    storedOf({ events: [started, mobileEvent('a')] }),
    storedOf({ events: [mobileEvent('b')], context: contextOf({ env: { platform: 'android' } }) }),
  ]

  it('are one batch when their window ends, in the order in which they came', () => {
    const handOff = handOffOf(texts)
    expectAccounted(handOff)
    expect(handOff.filtered).toEqual({ keep_session_attributes: 1 })
    const [batch, ...others] = sentIn(handOff)
    expect(others).toEqual([])
    expect(batch).toMatchObject({
      source_info: { channel: 'native' },
      device_info: { platform: 'Android' },
      events: [
        { event_type: 'session_start' },
        { data: { event_name: 'a' } },
        { data: { event_name: 'b' } },
      ],
    })
  })

  it('have what a start of a session brought for those who keep it', () => {
    const handOff = handOffOf(texts, kept)
    expectAccounted(handOff)
    expect(handOff).toMatchObject({ accepted: 4, filtered: {} })
    expect(sentIn(handOff)).toMatchObject([
      { events: [{}, { data: { custom_attributes: { build: 'beta' } } }, {}, {}] },
    ])
  })

  it('are a record per event for those who want records', () => {
    const handOff = handOffOf(texts, records)
    expectAccounted(handOff)
    expect(handOff.accepted).toBe(3)
    expect(sentIn(handOff).map((one) => one.event_type)).toEqual(['_session.start', 'a', 'b'])
  })

  it('hold up nothing when one of them cannot be read any more', () => {
    const unreadable = texts[1]!.replace('"v2.0"', '"v3.0"')
    const handOff = handOffOf([texts[0]!, unreadable, texts[1]!])
    const [first, dead, last] = handOff.deliveries
    expect(first?.unsendable).toBeUndefined()
    expect(dead).toMatchObject({
      text: unreadable,
      unsendable: expect.stringContaining('converted'),
    })
    expect(last?.unsendable).toBeUndefined()
    expectAccounted(handOff)
  })

  it('keep the body as it came', () => {
    const body = `{ "events" : [ ${JSON.stringify(mobileEvent('a'))} ],\n "more" : 1e2 }`
    expect(storedOf({ body })).toContain(body)
  })
})
