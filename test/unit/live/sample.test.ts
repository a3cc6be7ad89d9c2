import { describe, expect, it } from 'vitest'
import { isWanted } from '../../../worker/config/watched'
import { samplesOf } from '../../../worker/dialects/sample'
import type { Upload } from '../../../worker/profiles/upload'
import { mobileEvent } from '../../support/mobile-event'
import { arrivalMs, storedOf } from '../../support/mobile-request'

type Stored = Parameters<typeof samplesOf>[0]

const stored = (body: unknown, kind: Upload['kind'] = 'batch'): Stored => ({
  kind,
  text: typeof body === 'string' ? body : JSON.stringify(body),
  received_ms: 5,
  input: 'web',
})

describe('the sample of an event', () => {
  it('has the event and the rest of its batch, with exact numbers', () => {
    const text =
      '{"mpid":-1234567890123456789,"environment":"development","events":[{"event_type":"custom_event","data":{"event_name":"a","n":12345678901234567890}}]}'
    expect(samplesOf(stored(text), '7')).toEqual([
      {
        at_ms: 5,
        input: 'web',
        mpid: '7',
        type: 'custom_event',
        name: 'a',
        environment: 'development',
        event: '{"event_type":"custom_event","data":{"event_name":"a","n":12345678901234567890}}',
        batch: '{"mpid":-1234567890123456789,"environment":"development"}',
      },
    ])
  })

  it.each([
    ['event_name', { event_name: 'Hat' }, 'Hat'],
    ['screen_name', { screen_name: '/hats' }, '/hats'],
    ['action', { product_action: { action: 'purchase' } }, 'purchase'],
    ['message', { message: 'boom' }, 'boom'],
    ['nothing', { session_duration_ms: 3 }, ''],
    ['no data', undefined, ''],
  ])('is called by its %s', (_, data, name) => {
    const events = [{ event_type: 'x', ...(data ? { data } : {}) }]
    expect(samplesOf(stored({ events }), '7')[0]?.name).toBe(name)
  })

  it('is cut where it is long', () => {
    const events = [{ event_type: 'x', data: { event_name: 'a', long: 'y'.repeat(20_000) } }]
    expect(samplesOf(stored({ events }), '7')[0]?.event.length).toBe(8193)
  })

  it('is made of what Mobile Analytics sends', () => {
    const text = storedOf({ events: [mobileEvent('Level done')] })
    const samples = samplesOf({ ...stored(text, 'mobile_analytics'), received_ms: arrivalMs }, '7')
    expect(samples).toMatchObject([{ type: 'custom_event', name: 'Level done' }])
  })

  it('is made of an alias request', () => {
    const samples = samplesOf(stored({ source_mpid: 1 }, 'alias'), '7')
    expect(samples).toMatchObject([{ type: 'alias_request', mpid: '7' }])
  })

  it.each([
    ['without a text', ''],
    ['without events', '{"user_attributes":{}}'],
    ['whose events are no list', '{"events":3}'],
    ['that is no object', '[]'],
  ])('is none for an upload %s', (_, text) => {
    expect(samplesOf(stored(text), '7')).toEqual([])
  })
})

describe('a filter', () => {
  const one = { input: 'web', mpid: '7', type: 'custom_event' }

  it.each([
    ['nothing', {}, true],
    ['the input', { input: 'web' }, true],
    ['another input', { input: 'app' }, false],
    ['the mpid', { mpid: '7' }, true],
    ['another mpid', { mpid: '77' }, false],
    ['the type', { type: 'custom_event' }, true],
    ['another type', { type: 'screen_view' }, false],
    ['the input and another mpid', { input: 'web', mpid: '8' }, false],
  ])('that asks for %s', (_, filter, wanted) => {
    expect(isWanted(filter, one)).toBe(wanted)
  })

  it('lets an upload pass whose types are not known yet', () => {
    expect(isWanted({ type: 'screen_view' }, { input: 'web', mpid: '7' })).toBe(true)
  })
})
