import { describe, expect, it } from 'vitest'
import type { EventRegistration } from '../../../../sdk/firehose/registration'
import type { Part } from '../../../../worker/connections/outbound'
import { converted, registration } from '../../../support/firehose'
import { partOf } from '../../../support/outbound'

describe('a change of consent', () => {
  const yes = {
    consented: true,
    document: 'v4',
    timestamp_unixtime_ms: 2,
    note: 'x',
    hardware_id: null,
  }
  const no = { consented: false, timestamp_unixtime_ms: '1' }
  const change = (type: string, regulation: string | undefined, data: object) => ({
    type,
    data: {
      current: { ...yes, ...(regulation ? { regulation } : {}) },
      old: { ...no, ...(regulation ? { regulation } : {}) },
      ...data,
    },
  })
  const sent = { consented: true, document: 'v4', timestamp_unixtime_ms: 2 }
  const was = { consented: false, timestamp_unixtime_ms: 1 }
  const gdpr = {
    type: 'gdpr_consent_state',
    purpose: 'analytics',
    old_gdpr_consent_state: was,
    new_gdpr_consent_state: sent,
  }
  const ccpa = {
    type: 'ccpa_consent_state',
    purpose: 'data_sale_opt_out',
    old_ccpa_consent_state: was,
    new_ccpa_consent_state: sent,
  }
  const notificationsOf = (changes: object[], wanted: EventRegistration = {}) => {
    const part = partOf({}, { notifications: changes as Part['notifications'] })
    const [delivery] = converted([part], registration({}, wanted)).deliveries
    return delivery && JSON.parse(delivery.text).system_notifications
  }

  it.each<[string, object, object]>([
    [
      'by the regulation that it names',
      change('gdpr_change', 'GDPR', { purpose: 'analytics' }),
      gdpr,
    ],
    [
      'by its regulation, not its type',
      change('gdpr_change', 'CCPA', { purpose: 'data_sale_opt_out' }),
      ccpa,
    ],
    [
      'by its type when it names none',
      change('ccpa_change', undefined, { purpose: 'data_sale_opt_out' }),
      ccpa,
    ],
    [
      'by the regulation of the old state when the current one names none',
      change('gdpr_change', 'CCPA', { current: { ...yes, regulation: null } }),
      ccpa,
    ],
    ['of CCPA by the purpose that there is', change('ccpa_change', 'CCPA', {}), ccpa],
    [
      'that is the first without an old state',
      change('gdpr_change', 'GDPR', { purpose: 'analytics', old: null }),
      { type: gdpr.type, purpose: gdpr.purpose, new_gdpr_consent_state: sent },
    ],
    [
      'that is withdrawn without a new state',
      change('gdpr_change', 'GDPR', { purpose: 'analytics', current: null }),
      { type: gdpr.type, purpose: gdpr.purpose, old_gdpr_consent_state: was },
    ],
  ])('is sent for %s, also without events', (_title, change, expected) => {
    expect(notificationsOf([change])).toEqual([expected])
  })

  it.each<[string, object]>([
    ['without a purpose', change('gdpr_change', 'GDPR', {})],
    ['of CCPA with another purpose', change('ccpa_change', 'CCPA', { purpose: 'analytics' })],
    ['of an unknown regulation', change('lgpd_change', 'LGPD', { purpose: 'analytics' })],
    ['without data', { type: 'gdpr_change' }],
  ])('%s is not sent', (_title, change) => {
    expect(notificationsOf([change])).toBeUndefined()
  })

  it('is sent to integrations that registered for its type', () => {
    const changes = [
      change('gdpr_change', 'GDPR', { purpose: 'analytics' }),
      change('ccpa_change', 'CCPA', {}),
    ]
    expect(notificationsOf(changes)).toEqual([gdpr, ccpa])
    const wanted: EventRegistration = {
      supported_system_notification_types: ['ccpa_consent_state'],
    }
    expect(notificationsOf(changes, wanted)).toEqual([ccpa])
    expect(notificationsOf(changes, { supported_system_notification_types: [] })).toBeUndefined()
  })
})
