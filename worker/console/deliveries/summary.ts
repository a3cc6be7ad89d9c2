import type { DeliveryHistory } from '../../admin/answers/connections'
import type { HistoryCounts } from '../../outbox/store/history'

const noCounts: HistoryCounts = { delivered: 0, requests: 0, failed: 0, dead: 0 }

const names = ['delivered', 'requests', 'failed', 'dead'] as const

/** The sums of a history. */
export const sumOf = ({ buckets }: Pick<DeliveryHistory, 'buckets'>): HistoryCounts => {
  const sum = { ...noCounts }
  for (const bucket of buckets) for (const name of names) sum[name] += bucket[name]
  return sum
}

export interface HourCounts extends HistoryCounts {
  /** When the hour began, ms, UTC. */
  at_ms: number
}

const hourMs = 3_600_000

/** The hours of a history, newest first, without those in which nothing happened. */
export const hoursOf = ({ buckets }: Pick<DeliveryHistory, 'buckets'>): HourCounts[] => {
  const hours = new Map<number, HourCounts>()
  for (const bucket of buckets) {
    const at_ms = Math.floor(bucket.at_ms / hourMs) * hourMs
    const hour = hours.get(at_ms) ?? { at_ms, ...noCounts }
    hours.set(at_ms, hour)
    for (const name of names) hour[name] += bucket[name]
  }
  return [...hours.values()].sort((a, b) => b.at_ms - a.at_ms)
}

/** What `page/charts.ts` draws: times in seconds, and a list of values for each line. */
export interface ChartData {
  times: number[]
  /** Seconds from one time to the next. */
  step: number
  lines: { label: string; tone: 1 | 2 | 3; values: number[] }[]
}

type Line = Pick<ChartData['lines'][number], 'label' | 'tone'> & { count: keyof HistoryCounts }

/** A history as chart data, with zeros for times at which nothing happened. */
export const chartOf = (
  { from_ms, to_ms, bucket_ms, buckets }: DeliveryHistory,
  lines: Line[]
): ChartData => {
  const byTime = new Map(buckets.map((bucket) => [bucket.at_ms, bucket]))
  const first = Math.floor(from_ms / bucket_ms) + 1
  const count = Math.floor(to_ms / bucket_ms) - first + 1
  const starts = Array.from({ length: count }, (_, i) => (first + i) * bucket_ms)
  return {
    times: starts.map((ms) => ms / 1000),
    step: bucket_ms / 1000,
    lines: lines.map(({ label, tone, count: name }) => ({
      label,
      tone,
      values: starts.map((ms) => byTime.get(ms)?.[name] ?? 0),
    })),
  }
}
