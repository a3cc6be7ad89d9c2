import { describe, expect, it } from 'vitest'
import { subscriberOf, truncateAddress } from '../../../../worker/dialects/privacy/address'

describe('a truncated address', () => {
  it.each([
    ['203.0.113.77', '203.0.113.0'],
    [' 8.8.8.8 ', '8.8.8.0'],
    ['::ffff:203.0.113.77', '::ffff:203.0.113.0'],
    ['2001:db8:85a3:8d3:1319:8a2e:370:7348', '2001:db8:85a3::'],
    ['2001:0DB8:0:0::1', '2001:db8:0::'],
    ['2001:db8::1', '2001:db8:0::'],
    ['::1', '0:0:0::'],
    ['fe80::1%eth0', 'fe80:0:0::'],
    ['example.org', ''],
    ['1::2::3', ''],
    ['', ''],
  ])('of %s is %s', (address, expected) => {
    expect(truncateAddress(address)).toBe(expected)
  })
})

describe('a subscriber', () => {
  it.each([
    ['203.0.113.77', '203.0.113.77'],
    ['2001:db8:85a3:8d3:1319:8a2e:370:7348', '2001:db8:85a3:8d3::'],
    ['2001:db8:85a3:8d3::1', '2001:db8:85a3:8d3::'],
  ])('with the address %s is %s', (address, expected) => {
    expect(subscriberOf(address)).toBe(expected)
  })
})
