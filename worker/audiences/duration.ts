const unitMs: Record<string, number> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
}

/** The longest window of a rule. */
export const longestWindowMs = 90 * 86_400_000

/** Milliseconds of `15m`, `36h`, `7d` or `4w`; a day has 24 hours. Undefined for anything else. */
export const readDuration = (text: unknown): number | undefined => {
  const [, count, unit = ''] =
    typeof text === 'string' ? (/^(\d{1,9})([mhdw])$/.exec(text) ?? []) : []
  const ms = Number(count) * (unitMs[unit] ?? Number.NaN)
  return ms > 0 ? ms : undefined
}
