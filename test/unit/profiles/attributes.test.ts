import { describe, expect, it } from 'vitest'
import type { JsonObject } from '../../../worker/base/json'
import { emptyState, fold, type ProfileState } from '../../../worker/profiles/attributes'
import { profileChangesText } from '../../../worker/profiles/upload'

const about = (batch: JsonObject) => profileChangesText({ batch, events: [], problems: [] })
const folded = (batches: JsonObject[], start: ProfileState = emptyState()) =>
  batches.reduce(({ state }, batch, i) => fold(state, about(batch) || '{}', (i + 1) * 1000), {
    state: start,
    changed: false,
    notifications: [],
  } as ReturnType<typeof fold>)

describe('what of a batch is about its user', () => {
  it.each<[JsonObject, string]>([
    [{}, ''],
    [{ user_attributes: {}, user_identities: null, consent_state: null }, ''],
    [{ deleted_user_attributes: [] }, ''],
    [{ user_attributes: { a: null } }, '{"user_attributes":{"a":null}}'],
    [{ consent_state: {}, ip: '::1' }, '{"consent_state":{}}'],
    [
      { user_identities: { email: null }, deleted_user_attributes: ['a'], mpid: '1' },
      '{"deleted_user_attributes":["a"],"user_identities":{"email":null}}',
    ],
  ])('in %j is %s', (batch, text) => {
    expect(about(batch)).toBe(text)
  })
})

describe('attributes of a profile', () => {
  it.each<[string, JsonObject[], JsonObject]>([
    [
      'are set',
      [{ user_attributes: { a: 1 } }, { user_attributes: { b: ['x'] } }],
      { a: 1, b: ['x'] },
    ],
    ['are replaced', [{ user_attributes: { a: 1 } }, { user_attributes: { a: 2 } }], { a: 2 }],
    ['may be tags', [{ user_attributes: { tag: null } }], { tag: null }],
    [
      'are deleted',
      [{ user_attributes: { a: 1, b: 2 } }, { deleted_user_attributes: ['a', 'c', 5] }],
      { b: 2 },
    ],
    [
      'are set after they were deleted',
      [
        { user_attributes: { a: 1 } },
        { deleted_user_attributes: ['a'], user_attributes: { a: 3 } },
      ],
      { a: 3 },
    ],
    [
      'stay when nothing is said',
      [{ user_attributes: { a: 1 } }, { user_identities: null }],
      { a: 1 },
    ],
    [
      'stay when nonsense is said',
      [{ user_attributes: { a: 1 } }, { user_attributes: [1] }],
      { a: 1 },
    ],
  ])('%s', (_how, batches, attributes) => {
    expect(folded(batches).state.attributes).toEqual(attributes)
  })
})

describe('identities of a profile', () => {
  it('keep the time at which they were last set to another value', () => {
    const { state } = folded([
      { user_identities: { email: 'a', customerid: 'c' } },
      { user_identities: { email: 'a', customer_id: 'd' } },
      { user_identities: { google: 'g' } },
    ])
    expect(state.identities).toEqual({
      email: { identity: 'a', ms: 1000 },
      customer_id: { identity: 'd', ms: 2000 },
      google: { identity: 'g', ms: 3000 },
    })
  })

  it('go when they are null', () => {
    const { state } = folded([
      { user_identities: { email: 'a', other2: 'o' } },
      { user_identities: { email: null, other_id_2: '' } },
    ])
    expect(state.identities).toEqual({})
  })
})

describe('a fold', () => {
  it.each<[JsonObject, boolean]>([
    [{ user_attributes: { a: 1 } }, false],
    [{ user_identities: { email: 'e' } }, false],
    [{ deleted_user_attributes: ['z'] }, false],
    [{ user_attributes: { a: 2 } }, true],
    [{ user_identities: { email: null } }, true],
    [{ consent_state: { gdpr: { a: { consented: true } } } }, true],
  ])('of %j says whether it changed the profile: %s', (batch, changed) => {
    const known = folded([{ user_attributes: { a: 1 }, user_identities: { email: 'e' } }]).state
    expect(fold(known, about(batch), 9000).changed).toBe(changed)
  })

  it('does not modify its argument', () => {
    const known = folded([{ user_attributes: { a: 1 }, user_identities: { email: 'e' } }]).state
    const before = structuredClone(known)
    fold(known, '{"user_attributes":{"a":2},"user_identities":{"email":null}}', 1)
    expect(known).toEqual(before)
  })

  it('of no object changes nothing', () => {
    expect(fold(emptyState(), '[]', 1)).toEqual({
      state: emptyState(),
      changed: false,
      notifications: [],
    })
  })
})

describe('consent', () => {
  const yes = { consented: true, timestamp_unixtime_ms: 1 }
  const no = { consented: false, timestamp_unixtime_ms: 2, document: 'v2' }
  const gdpr = (record: object) => ({ ...record, regulation: 'GDPR' })
  const change = (
    purpose: string,
    current: object | null,
    old: object | null,
    type = 'gdpr_change'
  ) => ({
    type,
    data: { purpose, current, old },
  })

  it.each<[string, JsonObject, JsonObject, unknown[]]>([
    ['that is new has no old record', {}, { gdpr: { a: yes } }, [change('a', gdpr(yes), null)]],
    [
      'that changes has both',
      { gdpr: { a: yes } },
      { gdpr: { a: no } },
      [change('a', gdpr(no), gdpr(yes))],
    ],
    [
      'that is taken back has no current record',
      { gdpr: { a: yes } },
      { gdpr: {} },
      [change('a', null, gdpr(yes))],
    ],
    [
      'that is taken back with null has no current record',
      { gdpr: { a: yes } },
      { gdpr: null },
      [change('a', null, gdpr(yes))],
    ],
    ['that stays is no change', { gdpr: { a: yes } }, { gdpr: { a: yes } }, []],
    [
      'of a purpose in other letters is the same',
      { gdpr: { Ads: yes } },
      { gdpr: { aDS: yes } },
      [],
    ],
    ['of a regulation that is not named stays', { gdpr: { a: yes } }, { ccpa: null }, []],
    ['of nothing stays', { gdpr: { a: yes } }, {}, []],
    [
      'of several purposes changes one by one',
      { gdpr: { a: yes, b: yes } },
      { gdpr: { a: no, c: yes } },
      [
        change('a', gdpr(no), gdpr(yes)),
        change('b', null, gdpr(yes)),
        change('c', gdpr(yes), null),
      ],
    ],
    [
      'of the CCPA has another type',
      {},
      { ccpa: { data_sale_opt_out: yes } },
      [change('data_sale_opt_out', { ...yes, regulation: 'CCPA' }, null, 'ccpa_change')],
    ],
    ['that is no record is none', {}, { gdpr: { a: true, b: null } }, []],
  ])('%s', (_how, before, after, notifications) => {
    const { state } = fold(emptyState(), JSON.stringify({ consent_state: before }), 1)
    const next = fold(state, JSON.stringify({ consent_state: after }), 2)
    expect(next.notifications).toEqual(notifications)
  })

  it('is stored under its purpose in lower case, and removed with it', () => {
    const first = folded([
      { consent_state: { gdpr: { Ads: yes }, ccpa: { data_sale_opt_out: no } } },
    ])
    expect(first.state.consent).toEqual({ gdpr: { ads: yes }, ccpa: { data_sale_opt_out: no } })
    const next = folded([{ consent_state: { gdpr: {} } }], first.state)
    expect(next.state.consent).toEqual({ ccpa: { data_sale_opt_out: no } })
  })
})
