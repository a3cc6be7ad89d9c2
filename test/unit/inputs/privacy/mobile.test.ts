import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { readContext } from '../../../../worker/dialects/mobile-analytics/client-context'
import { readEvents } from '../../../../worker/dialects/mobile-analytics/events'
import type { MobileRequest } from '../../../../worker/dialects/mobile-analytics/request'
import { redactMobile, stripMobile } from '../../../../worker/dialects/privacy/mobile'
import { fieldRulesOf, hashOf } from '../../../../worker/dialects/privacy/rules'
import { type Privacy, privacySettings } from '../../../../worker/dialects/privacy/settings'
import { settingsSchema } from '../../../../worker/setting-schema'
import { contextOf, mobileEvent } from '../../../support/mobile-event'

const key = 'test-identity-key'
const hash = hashOf(key)
const client_id = 'c6a63c8f-955b-b995-6b09-612ba7060ce6'
const session = { id: 's-1', startTimestamp: '2026-11-21T02:50:19Z' }
const ended = { ...session, stopTimestamp: '2026-11-21T02:51:19Z', duration: 60_000 }

type Fields = Record<string, unknown>
type Given = Partial<Privacy>

const uploadOf = (context: Fields, body: Fields) => {
  const context_text = JSON.stringify(contextOf(context))
  const [ofContext, events] = [
    readContext(context_text, false),
    readEvents(JSON.parse(JSON.stringify(body))),
  ]
  if (!ofContext.ok || !events.ok) throw new Error('The request of this test is invalid.')
  const request: MobileRequest = {
    context: ofContext.value,
    context_text,
    events: events.value,
    request_id: 'r-1',
    digest: 'ab'.repeat(32),
    is_browser: false,
    options: {
      account_id: 'weir',
      environment: 'production',
      customer_id_attribute: 'customer',
      custom_as_user_attributes: false,
    },
  }
  return { request, body: JSON.stringify(body) }
}

const govern = (given: Given, context: Fields, body: Fields) => {
  const { privacy } = v.parse(settingsSchema(privacySettings), { privacy: given })
  const rules = fieldRulesOf(privacy, () => key)
  if (!rules) throw new Error('These are no rules.')
  const redacted = redactMobile(uploadOf(context, body), rules)
  return {
    context: JSON.parse(redacted.request.context_text),
    body: JSON.parse(redacted.body),
  }
}

describe('the rules of an input of Mobile Analytics', () => {
  it.each<[string, Given, Fields, Fields]>([
    [
      'drop all names of a device by the star',
      { drop: ['device_info.*'] },
      { env: { model: 'M', advertisingId: 'a' } },
      { env: {} },
    ],
    [
      'hash all names of an app by the star, and not its client',
      { hash: ['application_info.*'] },
      { client: { client_id, app_title: 'T', install: 'i' } },
      { client: { client_id, app_title: hash('T'), install: hash('i') } },
    ],
    [
      'go by a name rather than by the star',
      { hash: ['device_info.device_model'], drop: ['device_info.*'] },
      { env: { model: 'M', make: 'K' } },
      { env: { model: hash('M') } },
    ],
    [
      'know names that no batch has',
      { drop: ['device_info.advertisingId'] },
      { env: { model: 'M', advertisingId: 'a' } },
      { env: { model: 'M' } },
    ],
    [
      'hash a locale once',
      { hash: ['device_info.locale_language', 'device_info.locale_country'] },
      { env: { locale: 'en_US' } },
      { env: { locale: hash('en_US') } },
    ],
    [
      'reach what the dialect does not know',
      { ip: 'drop', drop: ['user_identities.email'] },
      { user: { ip: '203.0.113.7', user_identities: { email: 'a', other: 'b' } } },
      { user: { user_identities: { other: 'b' } } },
    ],
  ])('%s', (_, given, context, expected) => {
    const redacted = govern(given, context, { events: [] })
    expect(redacted.context).toEqual(contextOf(expected))
  })

  it.each<[string, Given, Fields, Fields]>([
    ['drop a session by its id', { drop: ['events.session_uuid'] }, { session: ended }, {}],
    [
      'drop a session by its start',
      { drop: ['events.session_start_unixtime_ms'] },
      { session: ended },
      {},
    ],
    [
      'drop how long a session was',
      { drop: ['events.session_duration_ms'] },
      { session: ended },
      { session },
    ],
    ['leave a session otherwise', { drop: ['events.x'] }, { session: ended }, { session: ended }],
    [
      'drop fields that the dialect does not know',
      { drop: ['events.page_url'] },
      { page_url: 'a', session: { ...session, page_url: 'b' }, kept: 1 },
      { session, kept: 1 },
    ],
    ['hash these', { hash: ['events.page_url'] }, { page_url: 'a' }, { page_url: hash('a') }],
    [
      'reach what stands in these',
      { drop: ['custom_attributes.card'] },
      { more: { custom_attributes: { card: '1' } }, attributes: { card: '2' } },
      { more: { custom_attributes: {} }, attributes: {} },
    ],
  ])('%s', (_, given, event, expected) => {
    const { body } = govern(given, {}, { events: [mobileEvent('E', event)] })
    expect(body.events).toEqual([mobileEvent('E', expected)])
  })

  it('reach what stands beside the events', () => {
    const body = { events: [], user: { ip: '203.0.113.7', x: 1 } }
    expect(govern({ ip: 'drop' }, {}, body).body).toEqual({ events: [], user: { x: 1 } })
  })
})

describe('a request of nobody’s', () => {
  it('has nothing that is not known to be of many', () => {
    const { request, body } = stripMobile(
      uploadOf(
        {
          client: { client_id, install: 'secret-install' },
          env: { platform: 'android', model: 'M', locale: 'en_US', advertisingId: 'secret-ad' },
          services: {
            mobile_analytics: { app_id: 'demo-app', sdk_name: 'S', device: 'secret-device' },
            other: 'secret-service',
          },
          custom: { name: 'secret-custom' },
          user: 'secret-user',
        },
        {
          events: [
            mobileEvent('E', {
              session: { ...session, id: 'secret-session' },
              attributes: { customer: 'secret-customer', colour: 'teal' },
              metrics: { n: 1 },
              user: 'secret-of-event',
            }),
          ],
          user: 'secret-of-body',
        }
      )
    )
    expect(JSON.parse(request.context_text)).toEqual({
      client: { client_id: request.context.client_id },
      env: { platform: 'android', model: 'M', locale: 'en_US' },
      services: { mobile_analytics: { app_id: 'demo-app', sdk_name: 'S' } },
    })
    expect(request.context.client_id).not.toBe(client_id)
    const events = [mobileEvent('E', { attributes: { colour: 'teal' }, metrics: { n: 1 } })]
    expect(JSON.parse(body)).toEqual({ events })
    expect(JSON.stringify(request) + body).not.toContain('secret')
  })
})
