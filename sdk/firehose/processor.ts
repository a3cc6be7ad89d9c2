import { dispatchEvent, dispatchNotification } from './dispatch'
import { MessageError } from './errors'
import { EventHooks } from './hooks'
import type {
  AudienceMembershipChangeRequest,
  AudienceMembershipChangeResponse,
  AudienceSubscriptionRequest,
  AudienceSubscriptionResponse,
  DsrProcessingRequest,
  DsrProcessingResponse,
  EventProcessingRequest,
  EventProcessingResponse,
  Message,
  ModuleRegistrationRequest,
  ResponseMessage,
} from './messages'
import { readMessage } from './read-message'
import { type Awaitable, receive } from './received'
import type { Registration } from './registration'
import {
  type Answer,
  audienceMembershipChangeResponse,
  audienceSubscriptionResponse,
  dsrProcessingResponse,
  eventProcessingResponse,
  moduleRegistrationResponse,
} from './response'
import { isUuid } from './tables/scalars'

/** Where a processor tells what happens. `console` is one. */
export interface Logger {
  log(message: string, ...details: unknown[]): void
}

export interface ProcessorOptions {
  /** Whether responses have their request's id instead of one of their own. */
  echoRequestId?: boolean
}

/** Of a hook that need not say anything. What it leaves out of the response is filled in. */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook without a return statement is one
type Said<Response extends ResponseMessage> = Awaitable<Answer<Response> | void>

/**
 * An integration: answers each message of a platform. A subclass says what it is, and has hooks for
 * what it wants; the others do nothing.
 *
 * Hooks are awaited one after another: of an event request, first those of its system notifications,
 * then those of its events, in their order. One that throws ends the message, and the platform sends
 * it again whole unless the error says not to (`PermanentError`). So a message may come twice, or
 * after a part of it was processed: deduplicate on `event.id` where that matters.
 */
export abstract class MessageProcessor extends EventHooks {
  #logger: Logger = console
  readonly #echoesId: boolean

  constructor({ echoRequestId = false }: ProcessorOptions = {}) {
    super()
    this.#echoesId = echoRequestId
  }

  /** What the integration is and wants. */
  abstract processRegistrationRequest(request: ModuleRegistrationRequest): Awaitable<Registration>

  /** Calls the hooks below. An override may suspend the connection; it calls `super` for the hooks. */
  async processEventProcessingRequest(
    request: EventProcessingRequest
  ): Promise<Awaited<Said<EventProcessingResponse>>> {
    for (const notification of request.system_notifications ?? []) {
      await dispatchNotification(this, receive(notification, request))
    }
    for (const event of request.events) await dispatchEvent(this, receive(event, request))
  }

  /** May return the settings that the platform keeps for this audience. */
  processAudienceSubscriptionRequest(
    _request: AudienceSubscriptionRequest
  ): Said<AudienceSubscriptionResponse> {}

  /** Not called for a check, which has no `user_profiles`. May suspend the connection. */
  processAudienceMembershipChangeRequest(
    _request: AudienceMembershipChangeRequest
  ): Said<AudienceMembershipChangeResponse> {}

  processDsrProcessingRequest(_request: DsrProcessingRequest): Said<DsrProcessingResponse> {}

  /**
   * Answers one message: JSON text, or what was parsed from it.
   *
   * @throws MessageError when it is no request; RegistrationError when the registration is not one
   *   that a platform takes; and whatever a hook throws.
   */
  async processMessage(message: string | object): Promise<ResponseMessage> {
    const request = readMessage(message)
    const response = await this.#respond(request)
    return this.#echoesId && isUuid(request.id) ? { ...response, id: request.id } : response
  }

  /** Where `log` goes. `console` by default. */
  setLogger(logger: Logger): void {
    this.#logger = logger
  }

  log(message: string, ...details: unknown[]): void {
    this.#logger.log(message, ...details)
  }

  async #respond(request: Message): Promise<ResponseMessage> {
    switch (request.type) {
      case 'module_registration_request':
        return moduleRegistrationResponse(await this.processRegistrationRequest(request))
      case 'event_processing_request':
        return eventProcessingResponse((await this.processEventProcessingRequest(request)) ?? {})
      case 'audience_subscription_request':
        return audienceSubscriptionResponse(
          (await this.processAudienceSubscriptionRequest(request)) ?? {}
        )
      case 'audience_membership_change_request':
        return audienceMembershipChangeResponse(
          request.user_profiles
            ? ((await this.processAudienceMembershipChangeRequest(request)) ?? {})
            : {}
        )
      case 'dsr_processing_request':
        return dsrProcessingResponse((await this.processDsrProcessingRequest(request)) ?? {})
      default:
        throw new MessageError(`A ${request.type} is not supported.`)
    }
  }
}
