import { describe, expect, it } from 'vitest'
import { Account, PermanentError } from '../../sdk/firehose'

const account = new Account({
  account_id: 1,
  account_settings: {
    text: 'x',
    none: null,
    integer: '-12',
    float: ' 1.5e1 ',
    long: '9007199254740993',
    hex: '0x10',
    empty: '',
    True: 'True',
    yes: 'yes',
  },
})

describe('an account', () => {
  it.each([
    ['a text', account.getStringSetting('text'), 'x'],
    ['a text instead of its fallback', account.getStringSetting('text', false, 'y'), 'x'],
    ['a fallback for null', account.getStringSetting('none', false, 'y'), 'y'],
    ['nothing for what is not there', account.getStringSetting('constructor'), undefined],
    ['an empty text', account.getStringSetting('empty', true), ''],
    ['an integer', account.getIntegerSetting('integer', true), -12],
    ['a fallback of 0', account.getIntegerSetting('none', false, 0), 0],
    ['a decimal number', account.getFloatSetting('float', true), 15],
    ['an integer as a decimal number', account.getFloatSetting('integer', true), -12],
    ['True as true', account.getBooleanSetting('True', true), true],
    ['another text as false', account.getBooleanSetting('yes', true), false],
    ['a fallback of false', account.getBooleanSetting('none', false, false), false],
    ['nothing without settings', new Account().getStringSetting('text'), undefined],
  ])('has %s', (_, value, expected) => {
    expect(value).toBe(expected)
  })

  it.each([
    ['what is missing', () => account.getStringSetting('missing', true)],
    ['null', () => account.getBooleanSetting('none', true)],
    ['a text for an integer', () => account.getIntegerSetting('text')],
    ['a fraction for an integer', () => account.getIntegerSetting('float')],
    ['more digits than a number has', () => account.getIntegerSetting('long')],
    ['a text for a number', () => account.getFloatSetting('hex')],
    ['an empty text for a number', () => account.getFloatSetting('empty')],
  ])('refuses %s for good', (_, read) => {
    expect(read).toThrow(PermanentError)
  })

  it('is written like the fields that it has', () => {
    expect(JSON.parse(JSON.stringify(new Account({ account_id: 1 })))).toEqual({
      account_id: 1,
      account_settings: {},
    })
  })
})
