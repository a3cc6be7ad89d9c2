import { splitMix64, uuidOf } from '../../base/hash'

const hex = (word: bigint): string => word.toString(16).padStart(16, '0')

/**
 * The UUID of the event at a place of a request: the same whenever the same request comes again.
 *
 * @param digest of the request, 64 hex digits
 * @param purpose 0 for the event itself, 1 for one that weir derives from it
 */
export const eventUuid = (digest: string, index: number, purpose: 0 | 1 = 0): string => {
  const word = (at: number): string => {
    const start = purpose * 32 + at * 16
    const base = BigInt(`0x${digest.slice(start, start + 16)}`)
    return hex(splitMix64(BigInt.asUintN(64, base + BigInt(index))))
  }
  return uuidOf(word(0) + word(1))
}
