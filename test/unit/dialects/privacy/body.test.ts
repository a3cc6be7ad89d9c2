import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { redactBatch } from '../../../../worker/dialects/privacy/body'
import { fieldRulesOf } from '../../../../worker/dialects/privacy/rules'
import { privacySettings } from '../../../../worker/dialects/privacy/settings'
import { settingsSchema } from '../../../../worker/setting-schema'

const checkedWith = (notifications: object) => ({
  batch: {},
  events: [],
  problems: [],
  ...notifications,
})

describe('a batch that was read already', () => {
  const { privacy } = v.parse(settingsSchema(privacySettings), {
    privacy: { ip: 'drop', drop: ['user_identities.email'] },
  })
  const rules = fieldRulesOf(privacy, () => 'test-identity-key')

  it.each<[string, object, object]>([
    [
      'has no notifications of what rules forbid',
      { notifications: [{ ip: '203.0.113.7', data: { user_identities: { email: 'a', x: 'b' } } }] },
      { notifications: [{ data: { user_identities: { x: 'b' } } }] },
    ],
    ['has none where it had none', {}, {}],
  ])('%s', (_, given, expected) => {
    expect(redactBatch(checkedWith(given), rules)).toEqual(checkedWith(expected))
  })

  it('stays as it is without rules', () => {
    const checked = checkedWith({ notifications: [{ ip: '203.0.113.7' }] })
    expect(redactBatch(checked, undefined)).toBe(checked)
  })
})
