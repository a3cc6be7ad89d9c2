import { describe, expect, it } from 'vitest'
import {
  readArguments,
  readNames,
  readWholeNumber,
  UsageError,
} from '../../worker/commands/arguments'

const options = { only: { type: 'string' }, dry: { type: 'boolean' } } as const

describe('arguments of a command', () => {
  it('are read by their options', () => {
    const { values } = readArguments({ args: ['--only', 'a', '--dry'], options })
    expect(values).toMatchObject({ only: 'a', dry: true })
  })

  it.each([
    [['--onl', 'a'], "Unknown option '--onl'."],
    [['a'], "Unexpected argument 'a'."],
    [['--only'], "Option '--only <value>' argument missing."],
    [['--dry=yes'], "Option '--dry' does not take an argument."],
  ])('are refused in one sentence: %s', (args, message) => {
    expect(() => readArguments({ args, options })).toThrow(new UsageError(message))
  })

  it.each(['', 'many', '-1', '1.5', '1e3'])('are refused where %j should be a number', (text) => {
    expect(() => readWholeNumber('--kills', text)).toThrow(
      new UsageError(`--kills must be a whole number, not ${text}.`)
    )
  })

  it('may be a list of known names', () => {
    expect(readWholeNumber('--kills', '20')).toBe(20)
    expect(readNames('--only', 'b,a', ['a', 'b', 'c'])).toEqual(['b', 'a'])
    expect(() => readNames('--only', 'a,d', ['a', 'b'])).toThrow(
      new UsageError('--only must be one or more of a,b, not d.')
    )
  })
})
