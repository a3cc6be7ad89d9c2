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

/** Receives a processor's log messages. `console` is a logger. */
export interface Logger {
  log(message: string, ...details: unknown[]): void
}

export interface ProcessorOptions {
  /** Whether responses have their request's id instead of a new one. */
  echoRequestId?: boolean
}

/** The result of a hook that may return nothing. Fields that it leaves out are filled in. */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook may have no return statement
type HookResult<Response extends ResponseMessage> = Awaitable<Answer<Response> | void>

/**
 * An integration, which answers the messages of a platform. A subclass returns its registration,
 * and overrides the hooks of the messages and events that it needs; all other hooks do nothing.
 *
 * Hooks are awaited one after another: for an event request, first those of its system
 * notifications, then those of its events, in order. If a hook throws, processing stops, and the
 * platform sends the whole message again, except for a `PermanentError`. So a message may arrive
 * twice, or again after a part of it was processed: deduplicate by `event.id` where that matters.
 */
export abstract class MessageProcessor extends EventHooks {
  #logger: Logger = console
  readonly #echoesId: boolean

  constructor({ echoRequestId = false }: ProcessorOptions = {}) {
    super()
    this.#echoesId = echoRequestId
  }

  /** Returns the integration's registration. */
  abstract processRegistrationRequest(request: ModuleRegistrationRequest): Awaitable<Registration>

  /**
   * Calls the hooks of notifications and events. An override may return a suspension, or call
   * `super`.
   */
  async processEventProcessingRequest(
    request: EventProcessingRequest
  ): Promise<Awaited<HookResult<EventProcessingResponse>>> {
    for (const notification of request.system_notifications ?? []) {
      await dispatchNotification(this, receive(notification, request))
    }
    for (const event of request.events) await dispatchEvent(this, receive(event, request))
  }

  /** May return settings for the platform to store with this audience. */
  processAudienceSubscriptionRequest(
    _request: AudienceSubscriptionRequest
  ): HookResult<AudienceSubscriptionResponse> {}

  /** Not called for a check, which has no `user_profiles`. May return a suspension. */
  processAudienceMembershipChangeRequest(
    _request: AudienceMembershipChangeRequest
  ): HookResult<AudienceMembershipChangeResponse> {}

  processDsrProcessingRequest(_request: DsrProcessingRequest): HookResult<DsrProcessingResponse> {}

  /**
   * Answers one message, given as JSON text or parsed.
   *
   * @throws MessageError when it is no request; RegistrationError when platforms would reject the
   *   registration; and the errors of hooks.
   */
  async processMessage(message: string | object): Promise<ResponseMessage> {
    const request = readMessage(message)
    const response = await this.#respond(request)
    return this.#echoesId && isUuid(request.id) ? { ...response, id: request.id } : response
  }

  /** Sets the receiver of `log`. Default: `console`. */
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
