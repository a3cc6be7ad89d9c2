/** Pieces of asynchronous work, one after another in the order in which they ask. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work)
    // Whoever asked is told of a failure; the next one begins all the same.
    this.#last = turn.catch(() => undefined)
    return turn
  }
}
