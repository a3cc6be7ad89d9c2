const maxWaitMs = 86_400_000

/** How long the `retry-after` header of an answer asks to wait, at most a day, ms. */
export const retryAfterMs = (headers: Headers): number | undefined => {
  const value = headers.get('retry-after')
  if (!value) return undefined
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now()
  return ms > 0 ? Math.min(ms, maxWaitMs) : undefined
}
