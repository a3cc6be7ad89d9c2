import { MessageProcessor } from '../../../sdk/firehose/processor'
import type { Registration } from '../../../sdk/firehose/registration'
import { eraseSubject } from './erase-subject'
import type { InputMessage } from './message'
import { storeEvents, storeMemberships } from './store-events'

type Store = (message: InputMessage) => Promise<void>

/** weir as an integration of mParticle. A hook returns once its message is stored. */
export class Processor extends MessageProcessor {
  readonly #registration: Registration
  readonly #store: (store: Store) => Promise<void>

  /**
   * @param store runs a function with the exactly parsed message: the library's own reading rounds
   *   64-bit numbers and drops unknown fields
   */
  constructor(registration: Registration, store: (store: Store) => Promise<void>) {
    super()
    this.#registration = registration
    this.#store = store
  }

  override processRegistrationRequest(): Registration {
    return this.#registration
  }

  override processEventProcessingRequest(): Promise<void> {
    return this.#store(storeEvents)
  }

  override processAudienceMembershipChangeRequest(): Promise<void> {
    return this.#store(storeMemberships)
  }

  override processDsrProcessingRequest(): Promise<void> {
    return this.#store(eraseSubject)
  }
}
