import { splitMix64, uuidOf } from '../../base/hash'

const toHex16 = (word: bigint): string => word.toString(16).padStart(16, '0')

/**
 * The UUID of an event of a request. When the request is repeated, its events have the same UUIDs.
 *
 * @param digest of the request, 64 hex digits
 * @param index of the event in the request
 * @param purpose 0 for the event itself, 1 for one that weir derives from it
 */
export const eventUuid = (digest: string, index: number, purpose: 0 | 1 = 0): string => {
  const half = (number: 0 | 1): string => {
    const start = purpose * 32 + number * 16
    const base = BigInt(`0x${digest.slice(start, start + 16)}`)
    return toHex16(splitMix64(BigInt.asUintN(64, base + BigInt(index))))
  }
  return uuidOf(half(0) + half(1))
}
