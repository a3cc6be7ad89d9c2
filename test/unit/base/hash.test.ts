import { describe, expect, it } from 'vitest'
import { fnv1a64Decimal, fnv1a64Hex, idFrom, splitMix64, uuidFrom } from '../../../worker/base/hash'

// The definition, in BigInt.
const slowFnv = (text: string): bigint => {
  let hash = 0xcbf29ce484222325n
  for (const unit of Array.from({ length: text.length }, (_, i) => text.charCodeAt(i))) {
    for (const byte of [unit & 0xff, unit >> 8]) {
      hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & (2n ** 64n - 1n)
    }
  }
  return hash
}

describe('the hash of a session', () => {
  it.each([
    ['84E1B361-A282-4ADF-8A6D-1D31E6DD5A9E', '6051321688317951794'],
    ['8B8DFAA2-17C7-43E8-88EE-5F2DCF016D56', '-2271448330363288817'],
    ['29959B6B-9C3B-486F-9807-B5534EA1B16A', '-8572887793551346848'],
  ])('of %s is the published %s', (uuid, id) => {
    expect(fnv1a64Decimal(uuid)).toBe(id)
  })

  it.each(['', 'a', 'é', '😀', '\uffff\u0000', 'x'.repeat(1000)])('of %j is FNV-1a', (text) => {
    expect(fnv1a64Hex(text)).toBe(slowFnv(text).toString(16).padStart(16, '0'))
    expect(fnv1a64Decimal(text)).toBe(String(BigInt.asIntN(64, slowFnv(text))))
  })

  it('has regard to case', () => {
    expect(fnv1a64Decimal('84e1b361')).not.toBe(fnv1a64Decimal('84E1B361'))
  })
})

describe('ids of an upload', () => {
  const base = 'fffffffffffffff0'

  it('are distinct, signed 64-bit and the same when made again', () => {
    const made = Array.from({ length: 2000 }, (_, i) => idFrom(base, i))
    expect(new Set(made).size).toBe(2000)
    for (const id of made) expect(BigInt.asIntN(64, BigInt(id))).toBe(BigInt(id))
    expect(idFrom(base, 1999)).toBe(made[1999])
  })

  it('come out of SplitMix64', () => {
    // The first outputs of the published generator for the seed 0.
    expect(splitMix64(0n)).toBe(0xe220a8397b1dcdafn)
    expect(splitMix64(0x9e3779b97f4a7c15n)).toBe(0x6e789e6aa1b965f4n)
  })
})

describe('a UUID made of a text', () => {
  it('has the form of version 8', () => {
    for (let i = 0; i < 500; i++) {
      expect(uuidFrom(`delivery-${i}`)).toMatch(
        /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
      )
    }
  })

  it('is the same for the same text and another for another', () => {
    const made = Array.from({ length: 5000 }, (_, i) => uuidFrom(`hand-off-${i}`))
    expect(new Set(made).size).toBe(5000)
    expect(uuidFrom('hand-off-7')).toBe(made[7])
  })
})
