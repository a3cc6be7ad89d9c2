import { failure, log } from '../../base/log'

/** The alarm of an object. It is only ever moved to an earlier time, until it goes off. */
export class Alarm {
  #atMs: number | null = null

  constructor(private readonly storage: DurableObjectStorage) {}

  get atMs(): number | null {
    return this.#atMs
  }

  async load(): Promise<void> {
    this.#atMs = await this.storage.getAlarm()
  }

  /** To be called when it goes off. */
  clear(): void {
    this.#atMs = null
  }

  async setAtLatest(ms: number): Promise<void> {
    if (this.#atMs !== null && this.#atMs <= ms) return
    this.#atMs = ms
    await this.storage.setAlarm(ms)
  }

  async delete(): Promise<void> {
    this.#atMs = null
    await this.storage.deleteAlarm()
  }
}

/**
 * Runs a part of an alarm, whose caller sets the next one. Without it the platform would repeat a
 * failed alarm a few times, and then no more.
 *
 * @returns whether it succeeded
 */
export const succeeds = async (
  outbox: string | undefined,
  work: () => Promise<void>
): Promise<boolean> => {
  try {
    await work()
    return true
  } catch (error) {
    log('error', 'The alarm of an outbox failed and will run again.', { outbox, ...failure(error) })
    return false
  }
}
