/** A random UUID. `crypto.randomUUID` is missing on pages that came over plain http. */
export const uuid = (): string => {
  // One call for all digits: a call costs more than the rest.
  const bytes = crypto.getRandomValues(new Uint8Array(36))
  return '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, (digit, at) =>
    // Leaves of the digit that tells the variant its two high bits.
    (+digit ^ (Number(bytes[at]) & (15 >> (+digit / 4)))).toString(16)
  )
}
