import { describe, expect, it } from 'vitest'
import { type JsonObject, parseJson } from '../../worker/base/json'
import {
  checkBatch,
  environmentOf,
  identityTypes,
  isAndroid,
  readIdentities,
  sessionOf,
} from '../../worker/batch'

const parsed = (text: string) => parseJson(text) as JsonObject

describe('a body', () => {
  it.each(['null', '[]', '"text"', '5', 'true', '7346244611012968789'])(
    '%s is no batch',
    (text) => {
      expect(checkBatch(parseJson(text))).toBeUndefined()
    }
  )

  it.each(['{}', '{"events":null}', '{"events":[]}'])('%s is a batch without events', (text) => {
    expect(checkBatch(parseJson(text))).toMatchObject({ events: [], problems: [] })
  })

  it('is taken as it is when all its events are events', () => {
    const batch = parsed('{"events":[{"event_type":"a"},{"event_type":"b","data":null}],"x":[1]}')
    const checked = checkBatch(batch)
    expect(checked?.batch).toBe(batch)
    expect(checked?.events).toHaveLength(2)
  })

  it('keeps its good events when others are none, and names each of those', () => {
    const checked = checkBatch(
      parsed('{"mpid":"1","events":[{"data":{}},{"event_type":"ok"},5,{"event_type":""},null]}')
    )
    expect(checked?.events).toEqual([{ event_type: 'ok' }])
    expect(checked?.batch).toEqual({ mpid: '1', events: [{ event_type: 'ok' }] })
    expect(checked?.problems.map(({ code, path }) => [code, path])).toEqual([
      ['required', 'events.0.event_type'],
      ['invalid', 'events.2'],
      ['required', 'events.3.event_type'],
      ['invalid', 'events.4'],
    ])
  })

  it('loses events that are no list, with a problem, and keeps the rest', () => {
    const checked = checkBatch(parsed('{"events":"many","ip":"::1"}'))
    expect(checked?.batch).toEqual({ ip: '::1' })
    expect(checked?.problems).toMatchObject([{ code: 'invalid', path: 'events' }])
  })
})

describe('identities', () => {
  it('know the spellings of other clients', () => {
    const others = Object.fromEntries([2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => [`other${n}`, 'x']))
    const given = { customerid: 'c', facebookcustomaudienceid: 'f', ...others }
    expect(Object.keys(readIdentities(given))).toEqual([
      'customer_id',
      'facebook_custom_audience_id',
      ...[2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => `other_id_${n}`),
    ])
    expect(Object.keys(readIdentities(given)).every((one) => identityTypes.includes(one))).toBe(
      true
    )
  })

  it.each([
    ['"cust-42"', 'cust-42'],
    ['42', '42'],
    ['1.5', '1.5'],
    ['7346244611012968789', '7346244611012968789'],
    ['600868121729048600', '600868121729048600'],
    ['null', null],
    ['""', null],
  ])('given as %s are %j', (given, expected) => {
    expect(readIdentities(parseJson(`{"customer_id":${given}}`))).toEqual({ customer_id: expected })
  })

  it('in a list, as outputs have them, are the same', () => {
    const list = [
      { identity_type: 'customerid', identity: 42, timestamp_unixtime_ms: 1 },
      { identity_type: 'email', identity: null },
      { identity_type: 'google', identity: '' },
      { identity_type: 'other2', identity: 'o' },
    ]
    const map = { customerid: 42, email: null, google: '', other2: 'o' }
    expect(readIdentities(list)).toEqual(readIdentities(map))
    expect(readIdentities(list)).toEqual({
      customer_id: '42',
      email: null,
      google: null,
      other_id_2: 'o',
    })
  })

  it.each([
    '[]',
    '["email"]',
    '[{"email":"a"}]',
    '[{"identity_type":7,"identity":"a"}]',
    '[{"identity_type":"email"}]',
    '[[{"identity_type":"email","identity":"a"}]]',
    '"email"',
    'null',
  ])('of the form %s are none', (given) => {
    expect(readIdentities(parseJson(given))).toEqual({})
  })

  it.each(['true', '{}', '["a"]'])('given as %s say nothing', (given) => {
    expect(readIdentities(parseJson(`{"customer_id":${given}}`))).toEqual({})
  })

  it.each(['null', '[]', '"x"'])('are none in %s', (given) => {
    expect(readIdentities(parseJson(given))).toEqual({})
  })

  it('keep types that nobody knows', () => {
    expect(readIdentities({ hologram: 'h', toString: 't' })).toEqual({
      hologram: 'h',
      toString: 't',
    })
  })
})

describe('a batch', () => {
  it.each([
    ['development', 'development'],
    ['production', 'production'],
    ['unknown', 'production'],
    [null, 'production'],
    [5, 'production'],
  ])('of environment %s is one of %s', (environment, expected) => {
    expect(environmentOf({ environment })).toBe(expected)
  })

  it.each([
    [{ platform: 'Android' }, true],
    [{ platform: 'android' }, true],
    [{ platform: 'iOS' }, false],
    [{}, false],
    [null, false],
  ])('with the device %j: from Android is %s', (device_info, expected) => {
    expect(isAndroid({ device_info })).toBe(expected)
  })
})

describe('the session of an event', () => {
  it.each([
    ['{"session_uuid":"A-1","session_id":5}', 'A-1'],
    ['{"session_uuid":"","session_id":5}', '5'],
    ['{"session_uuid":null,"session_id":"-7"}', '-7'],
    ['{"session_id":7346244611012968789}', '7346244611012968789'],
    ['{"session_uuid":7346244611012968789}', '7346244611012968789'],
    ['{"session_id":"soon"}', undefined],
    ['{}', undefined],
    ['null', undefined],
  ])('with %s is %s', (data, expected) => {
    expect(sessionOf({ event_type: 'x', data: parseJson(data) })).toBe(expected)
  })
})
