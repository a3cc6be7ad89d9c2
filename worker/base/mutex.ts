/** Runs asynchronous work one piece at a time, in the order in which it was asked for. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve()

  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work)
    // The caller gets the failure; the next piece of work runs all the same.
    this.#last = result.catch(() => undefined)
    return result
  }
}
