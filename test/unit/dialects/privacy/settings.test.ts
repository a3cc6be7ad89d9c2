import { describe, expect, it } from 'vitest'
import { readWorkspaceFile } from '../../../../worker/config/workspace-file'
import { deployment } from '../../../support/workspace'

const mobile_analytics = { app_id: 'demo-app' }

const problemsOf = (fields: object) => {
  const read = readWorkspaceFile({ inputs: [{ id: 'web', key: 'web-key', ...fields }] }, deployment)
  return read.ok ? [] : read.problems.map(({ code, path }) => `${code} ${path}`)
}

describe('the settings of an input for privacy and limits', () => {
  it.each<[object, string[]]>([
    [{ privacy: {} }, []],
    [{ privacy: { hash: ['user_identities.email', 'mp_deviceid'], drop: ['device_info.*'] } }, []],
    [{ privacy: { ip: 'mask' } }, ['invalid inputs.0.privacy.ip']],
    [{ privacy: { user_agent: 'hash' } }, ['invalid inputs.0.privacy.user_agent']],
    [{ privacy: { hash: ['email'] } }, ['invalid inputs.0.privacy.hash.0']],
    [{ privacy: { drop: ['user_attributes.'] } }, ['invalid inputs.0.privacy.drop.0']],
    [
      { privacy: { hash: ['context.a'], drop: ['context.a'] } },
      ['invalid inputs.0.privacy.hash.0'],
    ],
    [
      { privacy: { consent: { regulation: 'gdpr' } } },
      ['required inputs.0.privacy.consent.purpose'],
    ],
    [{ privacy: { consent: { regulation: 'ccpa' } } }, []],
    [
      { privacy: { consent: { regulation: 'ccpa', purpose: 'ads' } } },
      ['invalid inputs.0.privacy.consent.purpose'],
    ],
    [{ privacy: { gpc: true } }, ['unknown_field inputs.0.privacy.gpc']],
    [{ mobile_analytics, privacy: { drop: ['events.session_uuid', 'events.page_url'] } }, []],
    [
      { mobile_analytics, privacy: { hash: ['events.page_url', 'events.session_uuid'] } },
      ['invalid inputs.0.privacy.hash.1'],
    ],
    [
      { mobile_analytics, privacy: { hash: ['events.event_name'], drop: ['events.*'] } },
      ['invalid inputs.0.privacy.hash.0', 'invalid inputs.0.privacy.drop.0'],
    ],
    [{ privacy: { hash: ['events.event_name'], drop: ['events.*'] } }, []],
    [{ limits: {} }, []],
    [{ limits: { events_per_day: 0 } }, ['invalid inputs.0.limits.events_per_day']],
    [{ limits: { requests_per_minute: 1.5 } }, ['invalid inputs.0.limits.requests_per_minute']],
    [{ limits: { bots: 'ban' } }, ['invalid inputs.0.limits.bots']],
  ])('%j', (fields, expected) => {
    expect(problemsOf(fields)).toEqual(expected)
  })
})
