import type { Outcome } from '../../delivery'
import type { Item } from './sender'

const mostTries = 10
const keptItems = 10_000
const storedItems = 50

export interface Failing {
  id: string
  tries: number
  /** How many deliveries had passed when it failed first. */
  passed: number
}

/** As it is stored with the health of the outbox; missing while nothing fails. */
export interface StoredTries {
  passed: number
  failing: Failing[]
}

/**
 * The deliveries that the receiver failed on: one that fails again and again while others pass is
 * not tried for ever, and lets the others pass meanwhile. While nothing passes, the receiver is
 * down, and nobody's tries count.
 */
export class Tries {
  readonly #failing = new Map<string, Failing>()
  #passed = 0

  constructor(stored: StoredTries | undefined) {
    this.#passed = stored?.passed ?? 0
    for (const one of stored?.failing ?? []) this.#failing.set(one.id, one)
  }

  /** What is worth a row, the most tried first. */
  get stored(): StoredTries | undefined {
    if (this.#failing.size === 0) return undefined
    const failing = [...this.#failing.values()].toSorted((a, b) => b.tries - a.tries)
    return { passed: this.#passed, failing: failing.slice(0, storedItems) }
  }

  of({ id }: Item): number {
    return this.#failing.get(id)?.tries ?? 0
  }

  /**
   * What became of an attempt: a retry becomes a reject once its tries are used up.
   *
   * @param together how many deliveries the request held, of which any may be the one that fails
   */
  judge(item: Item, outcome: Outcome | undefined, together: number): Outcome | undefined {
    if (outcome?.kind !== 'retry') {
      this.#failing.delete(item.id)
      if (outcome?.kind === 'delivered') this.#passed += 1
      return outcome
    }
    if (!outcome.limited) return outcome
    const before = this.#failing.get(item.id)
    const tries = (before?.tries ?? 0) + 1
    const passed = before?.passed ?? this.#passed
    if (tries >= mostTries && together === 1 && this.#passed > passed) {
      this.#failing.delete(item.id)
      const reason = `It failed ${tries} times while others were delivered: ${outcome.reason}`
      return { kind: 'reject', reason }
    }
    if (this.#failing.size >= keptItems) this.#failing.clear()
    this.#failing.set(item.id, { id: item.id, tries, passed })
    return outcome
  }

  /** Those of profiles on which nothing failed go first; each profile's keep their order. */
  fewestFirst(items: Item[]): Item[] {
    if (this.#failing.size === 0) return items
    const tries = new Map<string, number>()
    for (const item of items) {
      tries.set(item.mpid, Math.max(tries.get(item.mpid) ?? 0, this.of(item)))
    }
    return items.toSorted((a, b) => (tries.get(a.mpid) ?? 0) - (tries.get(b.mpid) ?? 0))
  }
}
