/** A random UUID. `crypto.randomUUID` is missing on pages that came over plain http. */
export const uuid = (): string =>
  '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, (digit) => {
    const [byte = 0] = crypto.getRandomValues(new Uint8Array(1))
    // Leaves of the digit that tells the variant its two high bits.
    return (+digit ^ (byte & (15 >> (+digit / 4)))).toString(16)
  })
