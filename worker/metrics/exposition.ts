export interface Sample {
  labels?: Record<string, string>
  value: number
}

/** A metric with its samples. */
export interface Metric {
  /** Ends with `_total` where it only ever grows. */
  name: string
  help: string
  type: 'counter' | 'gauge'
  samples: Sample[]
}

/** The content type of the text format that Prometheus reads. */
export const expositionType = 'text/plain; version=0.0.4; charset=utf-8'

const escapeHelp = (text: string): string => text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')

const escapeLabel = (text: string): string => escapeHelp(text).replace(/"/g, '\\"')

const labelText = (labels: Record<string, string> = {}): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const metricText = ({ name, help, type, samples }: Metric): string =>
  [
    `# HELP ${name} ${escapeHelp(help)}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(({ labels, value }) => `${name}${labelText(labels)} ${value}`),
    '',
  ].join('\n')

/** Metrics in Prometheus' text format, without those that have no samples. */
export const exposition = (metrics: Metric[]): string =>
  metrics
    .filter(({ samples }) => samples.length > 0)
    .map(metricText)
    .join('')
