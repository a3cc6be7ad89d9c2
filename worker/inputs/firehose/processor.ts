import { MessageProcessor } from '../../../sdk/firehose/processor'
import type { Registration } from '../../../sdk/firehose/registration'
import { type Taking, takeEvents, takeMembership, takeSubjectRequest } from './intake'

type Run = (take: (taking: Taking) => Promise<void>) => Promise<void>

/** weir as an integration. It answers when what a message tells is stored. */
export class Processor extends MessageProcessor {
  readonly #registration: Registration
  readonly #run: Run

  /** @param run has the message as it came, which the library's reading would round and mend */
  constructor(registration: Registration, run: Run) {
    super()
    this.#registration = registration
    this.#run = run
  }

  override processRegistrationRequest(): Registration {
    return this.#registration
  }

  override processEventProcessingRequest(): Promise<void> {
    return this.#run(takeEvents)
  }

  override processAudienceMembershipChangeRequest(): Promise<void> {
    return this.#run(takeMembership)
  }

  override processDsrProcessingRequest(): Promise<void> {
    return this.#run(takeSubjectRequest)
  }
}
