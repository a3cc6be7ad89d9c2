import { describe, expect, it } from 'vitest'
import type { Registration, Setting } from '../../../../sdk/firehose/registration'
import { parseJson } from '../../../../worker/base/json'
import {
  confidentialIds,
  readIntegrationValues,
  registeredSettings,
  settingTexts,
  subscriptionSettings,
} from '../../../../worker/outputs/firehose/integration-settings'

const text = (id: string, more: object = {}): Setting => ({ type: 'text', id, name: id, ...more })
const integer = (more: object = {}): Setting => ({ type: 'integer', id: 'i', name: 'I', ...more })
const float = (more: object = {}): Setting => ({ type: 'float', id: 'f', name: 'F', ...more })
const flag = (more: object = {}): Setting => ({ type: 'boolean', id: 'b', name: 'B', ...more })

describe('the settings that are asked for', () => {
  const registration: Registration = {
    name: 'Partner',
    version: '1',
    event_processing_registration: {
      account_settings: [text('key', { name: 'of events' })],
      event_connection_settings: [text('app')],
    },
    audience_processing_registration: {
      account_settings: [text('key', { name: 'of audiences' }), text('list')],
      audience_subscription_settings: [text('segment')],
    },
    dsr_processing_registration: { account_settings: [text('key'), text('callback')] },
  }
  const named = (settings: Setting[]) => settings.map(({ id, name }) => `${id} ${name}`)

  it('of events are theirs, their connections’ and those of data subject requests', () => {
    const settings = registeredSettings(registration, 'events')
    expect(named(settings)).toEqual(['key of events', 'app app', 'callback callback'])
  })

  it('of audiences are theirs and those of data subject requests', () => {
    const settings = registeredSettings(registration, 'audiences')
    expect(named(settings)).toEqual(['key of audiences', 'list list', 'callback callback'])
  })

  it('of each audience are apart', () => {
    expect(named(subscriptionSettings(registration))).toEqual(['segment segment'])
    expect(subscriptionSettings({ name: 'P', version: '1' })).toEqual([])
  })

  it('are confidential where they say so', () => {
    const settings = [text('a', { confidential: true }), text('b', { confidential: false }), flag()]
    expect(confidentialIds(settings)).toEqual(['a'])
  })
})

describe('the value of a setting', () => {
  const range = { min_value: -1, max_value: 5 }

  it.each<[Setting, unknown, unknown]>([
    [text('t'), 'words', 'words'],
    [integer(), 5, 5],
    [integer(), '5', 5],
    [integer(), 0, 0],
    [integer(range), -1, -1],
    [integer(range), 5, 5],
    [integer(), '9007199254740993', '9007199254740993'],
    [float(), 1.5, 1.5],
    [float(), '1.5e3', 1500],
    [float(range), 5, 5],
    [flag(), true, true],
    [flag(), false, false],
    [flag(), 'false', false],
  ])('of %j may be %j', (setting, given, value) => {
    const read = readIntegrationValues([setting], { [setting.id]: given })
    expect(read).toEqual({ ok: true, value: { [setting.id]: value } })
  })

  it.each<[Setting, unknown, string]>([
    [text('t'), 5, 't must be text.'],
    [text('t'), {}, 't must be text.'],
    [integer(), 1.5, 'i must be a whole number.'],
    [integer(), 'five', 'i must be a whole number.'],
    [integer(), true, 'i must be a whole number.'],
    [integer(), '9223372036854775808', 'i must be a whole number.'],
    [integer(range), 6, 'i must be a whole number of at least -1 and of at most 5.'],
    [integer(range), -2, 'i must be a whole number of at least -1 and of at most 5.'],
    [integer({ min_value: 1 }), 0, 'i must be a whole number of at least 1.'],
    [float({ max_value: 0.5 }), 0.6, 'f must be a number of at most 0.5.'],
    [float(), '0x10', 'f must be a number.'],
    [float(), 'NaN', 'f must be a number.'],
    [float(), '1e999', 'f must be a number.'],
    [flag(), 'yes', 'b must be true or false.'],
    [flag(), 1, 'b must be true or false.'],
  ])('of %j cannot be %j', (setting, given, message) => {
    const read = readIntegrationValues([setting], { [setting.id]: given })
    const problem = { code: 'invalid_setting', path: setting.id, message }
    expect(read).toEqual({ ok: false, problems: [problem] })
  })

  it('keeps the digits of a number that JavaScript has not', () => {
    const read = readIntegrationValues([integer()], parseJson('{"i":9007199254740993}'))
    expect(read).toEqual({ ok: true, value: { i: '9007199254740993' } })
  })

  it.each([undefined, null, ''])('that is %j is not set', (given) => {
    const settings = [text('t'), integer(), float(), flag()]
    const values = { t: given, i: given, f: given, b: given }
    expect(readIntegrationValues(settings, values)).toEqual({ ok: true, value: {} })
  })

  it.each([undefined, null, ''])('that is required cannot be %j', (given) => {
    const settings = [text('t', { required: true }), integer({ required: true })]
    expect(readIntegrationValues(settings, { t: given, i: given })).toEqual({
      ok: false,
      problems: [
        { code: 'required', path: 't', message: 't is required.' },
        { code: 'required', path: 'i', message: 'i is required.' },
      ],
    })
  })

  it('that is required may be left to the default', () => {
    const settings = [text('t', { required: true, default_value: 'd' })]
    expect(readIntegrationValues(settings, undefined)).toEqual({ ok: true, value: {} })
  })

  it('cannot be given where nobody asks for it, and all problems come at once', () => {
    const settings = [text('hidden', { visible: false, required: true }), integer()]
    const given = { hidden: 'x', other: 'y', constructor: 'z', i: 'w' }
    const read = readIntegrationValues(settings, given)
    const paths = read.ok ? [] : read.problems.map((one) => `${one.code} ${one.path}`)
    expect(paths).toEqual([
      'unknown_setting hidden',
      'unknown_setting other',
      'unknown_setting constructor',
      'invalid_setting i',
    ])
  })

  it.each(['text', 5, []])('does not stand in %j', (given) => {
    expect(readIntegrationValues([text('t')], given)).toMatchObject({
      ok: false,
      problems: [{ path: '' }],
    })
  })
})

describe('the text of a setting', () => {
  it.each<[Setting, unknown, string | undefined]>([
    [text('t'), 'words', 'words'],
    [text('t', { default_value: 'd' }), 'words', 'words'],
    [text('t', { default_value: 'd' }), undefined, 'd'],
    [text('t', { default_value: 'd', visible: false }), undefined, 'd'],
    [text('t'), undefined, undefined],
    [text('t'), '', undefined],
    [integer(), 5, '5'],
    [integer(), 0, '0'],
    [integer({ default_value: 7 }), undefined, '7'],
    [integer({ default_value: 0 }), undefined, '0'],
    [integer(), '9007199254740993', '9007199254740993'],
    [float(), 0.5, '0.5'],
    [flag(), true, 'true'],
    [flag(), false, 'false'],
    [flag({ default_value: true }), false, 'false'],
    [flag(), undefined, 'false'],
    [flag({ checked: true }), undefined, 'true'],
    [flag({ checked: true, default_value: false }), undefined, 'true'],
    [flag({ checked: false, default_value: true }), undefined, 'true'],
    [flag({ default_value: true }), undefined, 'true'],
  ])('%j with %j is %j', (setting, value, expected) => {
    const values = value === undefined ? {} : { [setting.id]: value }
    const texts = expected === undefined ? {} : { [setting.id]: expected }
    expect(settingTexts([setting], values)).toEqual(texts)
  })

  it('is of settings only', () => {
    expect(settingTexts([text('t')], { t: 'a', other: 'b' })).toEqual({ t: 'a' })
  })
})
