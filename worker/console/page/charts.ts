import uPlot from 'uplot'

/** What `worker/console/deliveries/summary.ts` writes into `data-chart`. */
interface ChartData {
  times: number[]
  step: number
  lines: { label: string; tone: number; values: number[] }[]
}

const heightPx = 180
const isDark = matchMedia('(prefers-color-scheme: dark)')
const isStill = matchMedia('(prefers-reduced-motion: reduce)')

const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim()

const whole = new Intl.NumberFormat('en', { notation: 'compact' })

// Whole numbers only: there are no halves of events.
const wholeSteps = Array.from({ length: 10 }, (_, i) => [1, 2, 5].map((n) => n * 10 ** i)).flat()

const clock = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(11, 16)

const axis = (): uPlot.Axis => ({
  stroke: colour('--soft'),
  grid: { stroke: colour('--line'), width: 1 },
  ticks: { stroke: colour('--line'), width: 1 },
})

const optionsFor = ({ times, step, lines }: ChartData, width: number): uPlot.Options => ({
  width,
  height: heightPx,
  cursor: { show: !isStill.matches, drag: { x: false, y: false } },
  // All times of the console are UTC.
  tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
  scales: {
    x: { range: [times[0] ?? 0, (times.at(-1) ?? 0) + step] },
    y: { range: (...[, , max]) => [0, Math.max(4, max * 1.1)] },
  },
  axes: [
    { ...axis(), values: (_, ticks) => ticks.map(clock) },
    {
      ...axis(),
      size: 48,
      incrs: wholeSteps,
      values: (_, ticks) => ticks.map((tick) => whole.format(tick)),
    },
  ],
  series: [
    { label: 'From (UTC)', value: (_, seconds) => (seconds === null ? '–' : clock(seconds)) },
    ...lines.map(({ label, tone }) => ({
      label,
      stroke: colour(`--chart-${tone}`),
      fill: colour(`--chart-${tone}`),
      width: 0,
      points: { show: false },
      ...(uPlot.paths.bars ? { paths: uPlot.paths.bars({ size: [0.9], align: 1 }) } : {}),
      value: (_: uPlot, value: number | null) => (value === null ? '–' : whole.format(value)),
    })),
  ],
})

const draw = (figure: HTMLElement): void => {
  // Written by `worker/console/deliveries/history.tsx`.
  const data = JSON.parse(figure.dataset.chart ?? '') as ChartData
  const place = document.createElement('div')
  // Screen readers get the table below.
  place.setAttribute('aria-hidden', 'true')
  figure.append(place)
  const make = (): uPlot =>
    new uPlot(
      optionsFor(data, figure.clientWidth),
      [data.times, ...data.lines.map((line) => line.values)],
      place
    )
  let chart = make()
  isDark.addEventListener('change', () => {
    chart.destroy()
    chart = make()
  })
  new ResizeObserver(() => {
    if (figure.clientWidth > 0) chart.setSize({ width: figure.clientWidth, height: heightPx })
  }).observe(figure)
}

for (const figure of document.querySelectorAll<HTMLElement>('[data-chart]')) draw(figure)
