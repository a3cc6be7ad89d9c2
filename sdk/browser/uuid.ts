/** A random UUID. `crypto.randomUUID` does not exist on pages over plain http. */
export const uuid = (): string => {
  // One call for all digits, since the call takes longer than everything else.
  const bytes = crypto.getRandomValues(new Uint8Array(36))
  return '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, (digit, at) =>
    // Of the variant digit, 8, only the two low bits are random.
    (+digit ^ (Number(bytes[at]) & (15 >> (+digit / 4)))).toString(16)
  )
}
