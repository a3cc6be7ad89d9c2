import { describe, expect, it } from 'vitest'
import { parsePrice } from '../../../../worker/dialects/mobile-analytics/purchase'

describe('a formatted price', () => {
  it.each<[string, number | undefined]>([
    ['$2.49', 2.49],
    ['¥128.00', 128],
    ['2,49 €', 2.49],
    ['1.234,56 €', 1234.56],
    ['$1,234.56', 1234.56],
    ['1\u00a0234,56 €', 1234.56],
    ['1\u202f234,50 €', 1234.5],
    ['CHF 1’234.50', 1234.5],
    ['¥1,280', 1280],
    ['₩12,000,000', 12_000_000],
    ['Rp1.234.567', 1_234_567],
    ['₹1,23,456.78', 123_456.78],
    ['US$ 5', 5],
    ['0.999', 0.999],
    ['$0', 0],
    ['1.5 TND', 1.5],
    ['free', undefined],
    ['', undefined],
  ])('%s is %s', (formatted, amount) => {
    expect(parsePrice(formatted)).toBe(amount)
  })
})
