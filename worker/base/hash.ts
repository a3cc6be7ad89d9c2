/** FNV-1a, 64 bits, over the UTF-16LE bytes of a string. */
export const fnv1a64 = (text: string): [high: number, low: number] => {
  let high = 0xcbf29ce4
  let low = 0x84222325
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    for (const byte of [unit & 0xff, unit >>> 8]) {
      low = (low ^ byte) >>> 0
      // The prime is 2^40 + 0x1b3.
      const product = low * 0x1b3
      const carry = Math.floor(product / 2 ** 32)
      high = (high * 0x1b3 + carry + low * 0x100) % 2 ** 32
      low = product % 2 ** 32
    }
  }
  return [high, low]
}

const signed = (high: number, low: number): string =>
  String(BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low)))

const hex = (word: number): string => word.toString(16).padStart(8, '0')

/** FNV-1a as a signed decimal int64, as a batch has its `session_id`. */
export const fnv1a64Decimal = (text: string): string => signed(...fnv1a64(text))

/** FNV-1a as 16 hex digits. */
export const fnv1a64Hex = (text: string): string => fnv1a64(text).map(hex).join('')

const mask = 2n ** 64n - 1n

/** SplitMix64: a bijection of 64-bit numbers, so that different inputs give different outputs. */
export const splitMix64 = (value: bigint): bigint => {
  let z = (value + 0x9e3779b97f4a7c15n) & mask
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask
  return z ^ (z >> 31n)
}

/**
 * An id as a signed int64, the same for the same base and index, so that a repeated hand-off has
 * the same ids.
 *
 * @param base random, one per upload, 16 hex digits
 */
export const idFrom = (base: string, index: number): string => {
  const id = BigInt.asIntN(64, splitMix64((BigInt(`0x${base}`) + BigInt(index)) & mask))
  return String(id || 1n)
}

/** A UUID that is the same for the same text. */
export const uuidFrom = (text: string): string => {
  const digits = fnv1a64Hex(text) + fnv1a64Hex(`${text}#`)
  const mixed = [0, 16]
    .map((start) =>
      splitMix64(BigInt(`0x${digits.slice(start, start + 16)}`))
        .toString(16)
        .padStart(16, '0')
    )
    .join('')
  return uuidOf(mixed)
}

/** Formats 32 hex digits as a UUID of version 8 (RFC 9562: application-specific). */
export const uuidOf = (digits: string): string => {
  const variant = '89ab'[Number.parseInt(digits.charAt(16), 16) & 3]
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `8${digits.slice(13, 16)}`,
    `${variant}${digits.slice(17, 20)}`,
    digits.slice(20),
  ].join('-')
}

/** Bytes as hex digits. */
export const toHex = (bytes: ArrayBuffer | Uint8Array): string =>
  [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
