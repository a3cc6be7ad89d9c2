import fc from 'fast-check'
import { expect, it } from 'vitest'
import { exposition } from '../../../worker/metrics/exposition'
import { readExposition } from '../../support/exposition'

it('writes a family as Prometheus documents it', () => {
  const text = exposition([
    {
      name: 'weir_lag_seconds',
      help: 'The age.\nOf \\ all',
      type: 'gauge',
      samples: [{ labels: { connection: 'a"b\\c\nd' }, value: 1.5 }, { value: 0 }],
    },
    { name: 'weir_none', help: 'Nothing.', type: 'gauge', samples: [] },
  ])
  expect(text).toBe(
    '# HELP weir_lag_seconds The age.\\nOf \\\\ all\n' +
      '# TYPE weir_lag_seconds gauge\n' +
      'weir_lag_seconds{connection="a\\"b\\\\c\\nd"} 1.5\n' +
      'weir_lag_seconds 0\n'
  )
})

it('is read back as it was, whatever labels and help say', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), fc.nat(), (label, help, value) => {
      const samples = [{ labels: { a: label, b: help }, value }]
      const text = exposition([{ name: 'm_total', help, type: 'counter', samples }])
      expect(readExposition(text).get('m_total')).toEqual({
        type: 'counter',
        help,
        samples: [{ name: 'm_total', ...samples[0] }],
      })
    })
  )
})

it.each([
  ['a sample without a type', 'm 1\n'],
  ['a type without help', '# TYPE m gauge\nm 1\n'],
  ['a last line without an end', '# HELP m h\n# TYPE m gauge\nm 1'],
  ['a sample twice', '# HELP m h\n# TYPE m gauge\nm{a="1"} 1\nm{a="1"} 2\n'],
  ['a label that is not closed', '# HELP m h\n# TYPE m gauge\nm{a="1} 1\n'],
  ['a counter that is not called one', '# HELP m h\n# TYPE m counter\nm 1\n'],
  ['no value', '# HELP m h\n# TYPE m gauge\nm{a="1"} \n'],
])('the parser of these tests refuses %s', (_, text) => {
  expect(() => readExposition(text)).toThrow()
})
