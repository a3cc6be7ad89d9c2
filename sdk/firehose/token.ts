const digest = async (text: string): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))

/** Compares hashes, so that the time reveals nothing about the texts. */
const isSame = async (a: string, b: string): Promise<boolean> => {
  const [left, right] = await Promise.all([digest(a), digest(b)])
  return left.reduce((difference, byte, i) => difference | (byte ^ (right[i] ?? 0)), 0) === 0
}

/** Whether an `Authorization` header has the token. Always false for an empty token. */
export const hasToken = async (
  header: string | undefined,
  token: string | undefined
): Promise<boolean> => {
  const received = /^Token +(\S+) *$/i.exec(header ?? '')?.[1]
  return received !== undefined && Boolean(token) && isSame(received, token ?? '')
}
