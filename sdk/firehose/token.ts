const digest = async (text: string): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))

/** Compares in a time that tells nothing of either: that of comparing two hashes. */
const isSame = async (one: string, other: string): Promise<boolean> => {
  const [left, right] = await Promise.all([digest(one), digest(other)])
  return left.reduce((difference, byte, i) => difference | (byte ^ (right[i] ?? 0)), 0) === 0
}

/** Whether an `Authorization` header names the token. None has an empty one. */
export const hasToken = async (
  header: string | undefined,
  token: string | undefined
): Promise<boolean> => {
  const given = /^Token +(\S+) *$/i.exec(header ?? '')?.[1]
  return given !== undefined && Boolean(token) && isSame(given, token ?? '')
}
