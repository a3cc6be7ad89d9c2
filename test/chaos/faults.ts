import type { FaultRule, Gate } from '../support/gate/gate'
import { between, oneOf, type Random, wait } from './random'

const slow: FaultRule = { fault: 'delay', probability: 0.5, params: { ms: 250 } }

// One spell of bad weather each.
const spells: FaultRule[][] = [
  [{ fault: 'slow_down', probability: 0.4 }],
  [{ fault: 'throttle', probability: 0.3, params: { retryAfterS: 1 } }],
  [{ fault: 'cut_before', probability: 0.3 }],
  [slow, { fault: 'cut_after', probability: 0.4 }],
  [{ match: { service: 'sqs' }, fault: 'partial', probability: 0.6 }],
  [{ match: { service: 'sqs' }, fault: 'forbidden' }],
  [{ match: { service: 's3' }, fault: 'forbidden' }],
  [slow],
  [
    slow,
    { fault: 'cut_after', probability: 0.15 },
    { fault: 'cut_before', probability: 0.15 },
    { fault: 'slow_down', probability: 0.15 },
    { match: { service: 'sqs' }, fault: 'partial', probability: 0.3 },
  ],
  [],
]

/** Changes the weather every now and then until `isOver`; then the sky is clear. */
export const makeWeather = async (
  gate: Gate,
  random: Random,
  isOver: () => boolean
): Promise<void> => {
  while (!isOver()) {
    gate.faults.set(oneOf(random, spells))
    const until = Date.now() + between(random, 300, 1200)
    while (!isOver() && Date.now() < until) await wait(50)
  }
  gate.faults.clear()
}

/** How many requests each kind of fault struck. */
export const faultCounts = (gate: Gate): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { fault } of gate.requests) {
    if (fault !== undefined) counts[fault] = (counts[fault] ?? 0) + 1
  }
  return counts
}
