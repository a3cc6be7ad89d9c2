import type { EnqueueAnswer, HandOff } from '../../delivery'

// Under load, commits are this far apart, and what comes in between shares one.
const gatherMs = 80
// Hand-offs that wait in memory for their commit.
const waitingChars = 16 * 1024 * 1024

interface Waiting {
  handOff: HandOff
  answer: (answer: EnqueueAnswer) => void
  fail: (error: unknown) => void
}

/**
 * Gathers the hand-offs that come in within 80 ms of the last commit, or while one is under way:
 * they share the next one, and its row. An idle one commits at once.
 */
export class GroupCommit {
  chars = 0
  #waiting: Waiting[] = []
  #isRunning = false
  #lastMs = 0

  /** @param commit stores a group; resolves once it has reached the disk, with an answer each */
  constructor(private readonly commit: (handOffs: HandOff[]) => Promise<EnqueueAnswer[]>) {}

  add(handOff: HandOff): Promise<EnqueueAnswer> {
    const chars = handOffChars(handOff)
    if (this.chars > 0 && this.chars + chars > waitingChars) {
      return Promise.resolve({ taken: false, reason: 'busy' })
    }
    this.chars += chars
    return new Promise((answer, fail) => {
      this.#waiting.push({ handOff, answer, fail })
      if (!this.#isRunning) this.#run().catch(fail)
    })
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    while (this.#waiting.length > 0) {
      const waitMs = this.#lastMs + gatherMs - Date.now()
      if (waitMs > 0) await scheduler.wait(Math.min(waitMs, gatherMs))
      this.#lastMs = Date.now()
      const group = this.#waiting
      this.#waiting = []
      this.chars = 0
      try {
        const answers = await this.commit(group.map((one) => one.handOff))
        for (const [i, one] of group.entries()) {
          one.answer(answers[i] ?? { taken: false, reason: 'storage' })
        }
      } catch (error) {
        for (const one of group) one.fail(error)
      }
    }
    this.#isRunning = false
  }
}

export const handOffChars = (handOff: HandOff): number =>
  handOff.deliveries.reduce((sum, one) => sum + one.text.length, 0)
