import { type Budgeted, median, number, spread, table } from '../statistics'
import { burst } from './calls'
import { contenders } from './contenders'
import { type Costs, measureCosts, slowdown, wireEvents } from './costs'
import { onStage } from './probe'
import { roundTripMs, type Traffic } from './stub'

interface Figure {
  what: string
  /** A value per round. */
  of(costs: Costs): number[]
  /** Goal for weir.js. */
  most?: number
}

const figures: Figure[] = [
  { what: 'start CPU, ms', of: ({ start }) => start.map((one) => one.cpuMs), most: 3 },
  {
    what: `start CPU, CPU ${slowdown} times slower, ms`,
    of: ({ slowStart }) => slowStart.map((one) => one.cpuMs),
    most: 12,
  },
  {
    what: `in a call of track, ${number(burst)} in a burst, µs`,
    of: ({ calls }) => calls.map((one) => one.burstUs),
    most: 20,
  },
  { what: 'in the first call on a page, µs', of: ({ calls }) => calls.map((one) => one.coldUs) },
  {
    what: 'CPU per event until delivered, µs',
    of: ({ calls }) => calls.map((one) => one.cpuUs),
    most: 100,
  },
  { what: 'heap after start, KiB', of: ({ start }) => start.map((one) => one.heapKib), most: 60 },
  {
    what: 'the same on a page whose scripts use elements, storage and times as text, KiB',
    of: ({ usedHeapKib }) => usedHeapKib,
  },
]

/** Each value less what the page costs without an SDK. */
const above = (empty: Costs, { of }: Figure, costs: Costs): number[] => {
  const withoutSdk = median(of(empty))
  return of(costs).map((value) => value - withoutSdk)
}

const costBudgets = (empty: Costs, weir: Costs): Budgeted[] =>
  figures.map((figure) => {
    const { what, most } = figure
    const values = above(empty, figure, weir)
    return {
      what: `SDK: ${what}`,
      budget: most === undefined ? '' : `≤ ${number(most)}`,
      measured: spread(values),
      isKept: most === undefined ? undefined : median(values) <= most,
    }
  })

const trafficBudgets = ({ uploads, preflights, bodyBytes }: Traffic): Budgeted[] =>
  [
    { what: 'requests', value: uploads, most: 1 },
    { what: 'preflights', value: preflights, most: 0 },
    { what: 'body bytes sent', value: bodyBytes, most: 4000 },
  ].map(({ what, value, most }) => ({
    what: `SDK: ${what}, ${wireEvents} events with five attributes in one loop`,
    budget: most === 0 ? '0' : `≤ ${number(most)}`,
    measured: number(value),
    isKept: value <= most,
  }))

const trafficTable = (all: Costs[]): string =>
  table(
    ['On the wire', 'requests', 'preflights', 'body bytes sent', 'before compression'],
    all.flatMap(({ name, traffic }) => {
      if (!traffic) return []
      const { uploads, preflights, bodyBytes, plainBytes } = traffic
      return [[name, ...[uploads, preflights, bodyBytes, plainBytes].map(number)]]
    })
  )

const costTable = (empty: Costs, all: Costs[]): string =>
  table(
    ['On the main thread', ...figures.map(({ what }) => what)],
    all
      .filter(({ start }) => start.length > 0)
      .map((costs) => [costs.name, ...figures.map((figure) => spread(above(empty, figure, costs)))])
  )

/** What the SDK costs a page, next to two others; the goals are those of weir.js as it comes. */
export const benchSdk = async (): Promise<{ budgets: Budgeted[]; details: string[] }> => {
  const all = await contenders()
  const [empty, weir, ...others] = await onStage(all, (stage) => measureCosts(stage, all))
  if (!empty || !weir?.traffic) throw new Error('There is nothing to compare with.')
  return {
    budgets: [...trafficBudgets(weir.traffic), ...costBudgets(empty, weir)],
    details: [
      `In Chromium, to a collector that answers after ${roundTripMs} ms. Above the same page without an SDK, except for the wire; CPU is that of the page's main thread.`,
      trafficTable([weir, ...others]),
      costTable(empty, [weir, ...others]),
    ],
  }
}
