import type { DeliveryHistory } from '../../admin/answers/connections'

/** Events delivered per minute, averaged over the last two to three buckets of five minutes. */
export const deliveredPerMinute = ({ to_ms, bucket_ms, buckets }: DeliveryHistory): number => {
  const now = Math.floor(to_ms / bucket_ms) * bucket_ms
  const first = now - 2 * bucket_ms
  const recent = buckets.filter(({ at_ms }) => at_ms >= first)
  const events = recent.reduce((sum, { delivered }) => sum + delivered, 0)
  return events / ((to_ms - first) / 60_000)
}

/** A rate with one decimal where it is small. */
export const rateOf = (perMinute: number): string => {
  if (perMinute === 0) return '0'
  if (perMinute < 0.1) return 'below 0.1'
  return perMinute < 10
    ? perMinute.toFixed(1)
    : new Intl.NumberFormat('en', { maximumFractionDigits: 0 }).format(perMinute)
}
