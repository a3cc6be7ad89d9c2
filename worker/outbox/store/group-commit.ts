import type { EnqueueAnswer, HandOff } from '../../delivery'

// Under load, commits are this far apart, and hand-offs that come in between share one.
const gatherMs = 80
// The most that may wait in memory for a commit.
const waitingChars = 16 * 1024 * 1024

interface Waiting {
  handOff: HandOff
  answer: (answer: EnqueueAnswer) => void
  fail: (error: unknown) => void
}

/**
 * Commits hand-offs in groups: those that come in within 80 ms of the last commit, or while one is
 * under way, share the next commit and its row. The first one after a pause is committed at once.
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
        const answers = await this.commit(group.map(({ handOff }) => handOff))
        for (const [i, waiting] of group.entries()) {
          waiting.answer(answers[i] ?? { taken: false, reason: 'storage' })
        }
      } catch (error) {
        for (const waiting of group) waiting.fail(error)
      }
    }
    this.#isRunning = false
  }
}

export const handOffChars = (handOff: HandOff): number =>
  handOff.deliveries.reduce((sum, { text }) => sum + text.length, 0)
