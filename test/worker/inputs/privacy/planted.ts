import { eventOf, eventsOf } from '../../../support/firehose-messages'
import { contextOf, mobileEvent } from '../../../support/mobile-event'

export const names = [
  'user_identities.customer_id',
  'user_identities.email',
  'user_attributes.phone',
  'custom_attributes.card',
  'custom_flags.note',
  'device_info.device_model',
  'device_info.advertising_id',
  'application_info.application_name',
  'application_info.install',
  'integration_attributes.77',
  'partner_identities.acme',
  'context.trail',
  'events.page_url',
  'mp_deviceid',
] as const

export type Name = (typeof names)[number]

/** What was planted under a name, in some dialect: each time another text. */
export type Plant = (name: Name) => string

export const batch = (plant: Plant) => ({
  source_request_id: crypto.randomUUID(),
  mp_deviceid: plant('mp_deviceid'),
  user_identities: {
    customerid: plant('user_identities.customer_id'),
    email: plant('user_identities.email'),
    google: 'kept-google',
    device_application_stamp: plant('mp_deviceid'),
  },
  user_attributes: { phone: [plant('user_attributes.phone')], plan: 'pro' },
  device_info: { device_model: plant('device_info.device_model'), platform: 'web' },
  application_info: { application_name: plant('application_info.application_name') },
  integration_attributes: { 77: { id: plant('integration_attributes.77') } },
  partner_identities: { acme: plant('partner_identities.acme') },
  context: { trail: plant('context.trail') },
  events: [
    {
      event_type: 'custom_event',
      data: {
        event_name: 'Planted',
        page_url: plant('events.page_url'),
        custom_attributes: { card: plant('custom_attributes.card'), colour: 'teal' },
        custom_flags: { note: [plant('custom_flags.note')] },
      },
    },
    {
      event_type: 'commerce_event',
      data: {
        product_action: {
          action: 'purchase',
          products: [{ id: 'p1', custom_attributes: { card: plant('custom_attributes.card') } }],
        },
      },
    },
    {
      event_type: 'user_attribute_change',
      data: {
        user_attribute_name: 'phone',
        new: plant('user_attributes.phone'),
        old: plant('user_attributes.phone'),
      },
    },
    {
      event_type: 'user_identity_change',
      data: {
        new: { identity_type: 'email', identity: plant('user_identities.email') },
        old: { identity_type: 'email', identity: plant('user_identities.email') },
      },
    },
    {
      event_type: 'user_identity_change',
      data: {
        new: { identity_type: 'device_application_stamp', identity: plant('mp_deviceid') },
      },
    },
  ],
})

// Maps where a list of them stands.
export const listed = (plant: Plant, headers: Record<string, string>) => {
  const { events, device_info, application_info, context, ...rest } = batch(plant)
  const facts = {
    ip: headers['cf-connecting-ip'],
    http_header_user_agent: headers['user-agent'],
  }
  return {
    ...rest,
    device_info: [{ ...device_info, ...facts }],
    application_info: [{ ...application_info, ...facts }],
    context: [{ ...context, ...facts }],
    events: events.map(({ data, ...event }) => ({ ...event, data: [data] })),
  }
}

export const alias = (plant: Plant) => ({
  request_type: 'alias',
  request_id: crypto.randomUUID(),
  data: {
    // Whoever is named by nothing that may stay is nobody.
    source: { user_identities: { email: plant('user_identities.email'), google: 'one' } },
    destination: { mp_deviceid: plant('mp_deviceid'), user_identities: { google: 'two' } },
    start_unixtime_ms: 1,
    end_unixtime_ms: 2,
  },
})

export const message = (plant: Plant) =>
  eventsOf(
    [
      eventOf('custom_event', { name: 'P', attributes: { card: plant('custom_attributes.card') } }),
      eventOf('user_attribute_change', { added: { phone: plant('user_attributes.phone') } }),
      eventOf('user_identity_change', {
        removed: [{ type: 'email', encoding: 'raw', value: plant('user_identities.email') }],
      }),
    ],
    {
      device_application_stamp: plant('mp_deviceid'),
      user_identities: [
        { type: 'customer', encoding: 'raw', value: plant('user_identities.customer_id') },
        { type: 'email', encoding: 'sha-256', value: plant('user_identities.email') },
      ],
      user_attributes: { phone: plant('user_attributes.phone') },
      system_notifications: [
        {
          type: 'gdpr_consent_state',
          purpose: 'analytics',
          device_application_stamp: plant('mp_deviceid'),
          user_identities: { email: plant('user_identities.email') },
          new_gdpr_consent_state: {
            consented: true,
            custom_attributes: { card: plant('custom_attributes.card') },
          },
        },
      ],
      runtime_environment: {
        type: 'android',
        model: plant('device_info.device_model'),
        application_name: plant('application_info.application_name'),
      },
    }
  )

export const mobile = (plant: Plant) => ({
  events: [
    mobileEvent('Planted', {
      attributes: {
        card: plant('custom_attributes.card'),
        customer: plant('user_identities.customer_id'),
      },
      page_url: plant('events.page_url'),
      session: {
        id: 'session',
        startTimestamp: '2026-11-21T02:50:19.105Z',
        page_url: plant('events.page_url'),
      },
    }),
  ],
  context: contextOf({
    client: {
      client_id: plant('mp_deviceid'),
      app_title: plant('application_info.application_name'),
      install: plant('application_info.install'),
    },
    env: {
      model: plant('device_info.device_model'),
      advertising_id: plant('device_info.advertising_id'),
    },
    user: { user_identities: { email: plant('user_identities.email') } },
    custom: { phone: plant('user_attributes.phone') },
  }),
})

// A body that is rejected, in part and whole.
export const spoiled = (plant: Plant) => {
  const good = batch(plant)
  return { ...good, events: [...good.events, { data: { page_url: plant('events.page_url') } }] }
}
