import { describe, expect, it } from 'vitest'
import { stringifyJson } from '../../../../worker/base/json'
import { contextOf, mobileEvent } from '../../../support/mobile-event'
import { arrivalMs, mappedOf, messageId } from '../../../support/mobile-request'

const recordsOf = (given: Parameters<typeof mappedOf>[0]) =>
  mappedOf(given).events.flatMap(({ record, neededSetting }) =>
    record && !neededSetting ? [JSON.parse(stringifyJson(record))] : []
  )

const context = {
  client: {
    client_id: 'c-1',
    app_title: 'Example App',
    app_version_name: '1.4.1',
    app_version_code: '42',
    app_package_name: 'com.example.app',
  },
  env: {
    platform: 'iphoneos',
    platform_version: '11.2',
    model: 'iPhone',
    make: 'apple',
    locale: 'zh_CN',
  },
  services: {
    mobile_analytics: { app_id: 'demo-app', sdk_name: 'aws-sdk-iOS', sdk_version: '2.6.5' },
  },
  custom: { tier: 'gold' },
}
const session = {
  id: 's-1',
  startTimestamp: '2026-11-21T02:49:19.105Z',
  stopTimestamp: '2026-11-21T02:50:19.105Z',
  duration: null,
}

describe('the flattened record', () => {
  it('has every field of the export', () => {
    const event = mobileEvent('LevelComplete', {
      session,
      attributes: { LevelName: 'Level1' },
      metrics: { Score: 12345 },
    })
    const [record] = recordsOf({
      context,
      events: [event],
      facts: { user_agent: 'aws-sdk-iOS/2.6.5 iOS/11.2 zh_CN' },
      options: { account_id: '111122223333' },
    })
    const { unique_id, ...fields } = record
    expect(unique_id).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/)
    expect(fields).toEqual({
      application_key: 'demo-app',
      account_id: '111122223333',
      event_type: 'LevelComplete',
      timestamp: Date.UTC(2026, 10, 21, 2, 50, 19, 105),
      arrival_timestamp: arrivalMs,
      client_id: 'c-1',
      platform: 'iphoneos',
      model: 'iPhone',
      platform_version: '11.2',
      make: 'apple',
      locale: 'zh_CN',
      sdk_name: 'aws-sdk-iOS',
      sdk_version: '2.6.5',
      app_package_name: 'com.example.app',
      app_version_name: '1.4.1',
      app_version_code: '42',
      app_title: 'Example App',
      user_agent: 'aws-sdk-iOS/2.6.5 iOS/11.2 zh_CN',
      attributes: {
        LevelName: 'Level1',
        '_session.id': 's-1',
        '_session.startTime': String(Date.UTC(2026, 10, 21, 2, 49, 19, 105)),
        '_session.stopTime': String(Date.UTC(2026, 10, 21, 2, 50, 19, 105)),
        '_session.duration': '60000',
        _clientContext: JSON.stringify(context),
      },
      metrics: { Score: 12345 },
    })
  })

  it('has no more than is known', () => {
    const [record] = recordsOf({ events: [mobileEvent('a')] })
    expect(Object.keys(record)).toEqual([
      'application_key',
      'account_id',
      'event_type',
      'timestamp',
      'arrival_timestamp',
      'unique_id',
      'client_id',
      'attributes',
      'metrics',
    ])
    expect(record.attributes).toEqual({ _clientContext: JSON.stringify(contextOf()) })
    expect(record.metrics).toEqual({})
  })

  it.each<[string, object, object]>([
    [
      'a browser',
      { user_agent: 'Mozilla/5.0', sdk_agent: 'aws-sdk-js/2.1693.0 callback' },
      { user_agent: 'Mozilla/5.0', sdk_name: 'aws-sdk-js', sdk_version: '2.1693.0' },
    ],
    [
      'a client without User-Agent',
      { sdk_agent: 'aws-sdk-js/2.1' },
      { user_agent: 'aws-sdk-js/2.1', sdk_name: 'aws-sdk-js', sdk_version: '2.1' },
    ],
    [
      'Android',
      { user_agent: 'aws-sdk-android/2.2.2 Linux/3.4' },
      {
        user_agent: 'aws-sdk-android/2.2.2 Linux/3.4',
        sdk_name: 'aws-sdk-android',
        sdk_version: '2.2.2',
      },
    ],
    [
      'an endless name',
      { user_agent: `aws-sdk-${'x'.repeat(65)}/2.1` },
      { user_agent: `aws-sdk-${'x'.repeat(65)}/2.1` },
    ],
    ['who knows', { user_agent: 'curl/8' }, { user_agent: 'curl/8' }],
  ])('knows the SDK of %s by its user agent', (_what, facts, expected) => {
    const [record] = recordsOf({ events: [mobileEvent('a')], facts })
    const { user_agent, sdk_name, sdk_version } = record
    expect(JSON.parse(JSON.stringify({ user_agent, sdk_name, sdk_version }))).toEqual(expected)
  })

  it('is there once per event, with the id that the batch has of it', () => {
    const events = [mobileEvent('_session.start', { attributes: { a: 'b' } }), mobileEvent('c')]
    const records = recordsOf({ events })
    expect(records.map((one) => one.event_type)).toEqual(['_session.start', 'c'])
    const { events: mapped } = mappedOf({ events })
    const ids = mapped.filter((one) => !one.neededSetting).map(messageId)
    expect(records.map((one) => one.unique_id)).toEqual(ids)
  })
})
