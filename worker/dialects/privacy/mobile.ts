import { uuidFrom } from '../../base/hash'
import { type Json, type JsonObject, omit, parseJson, stringifyJson } from '../../base/json'
import { readContext } from '../mobile-analytics/client-context'
import { readEvents } from '../mobile-analytics/events'
import { type MobileRequest, sdkToken } from '../mobile-analytics/request'
import { redactFields } from './fields'
import { objectOf, redactContext, stripContext } from './mobile-context'
import { redactMobileEvent, stripMobileEvent } from './mobile-events'
import type { FieldRules } from './rules'

/** A decoded PutEvents request with the text of its body. */
export interface MobileUpload {
  request: MobileRequest
  body: string
}

// Parsed again, so that what is stored is known to be valid.
const withParts = (request: MobileRequest, contextText: string, body: Json): MobileRequest => {
  const context = readContext(contextText, false)
  const events = readEvents(body)
  if (!context.ok || !events.ok) throw new Error('The request is not valid any more.')
  return { ...request, context: context.value, context_text: contextText, events: events.value }
}

// The SDK's name and version stay; the rest of a user agent describes the user's device.
const withoutAgents = (request: MobileRequest, sdk: string): MobileRequest => {
  const { user_agent, sdk_agent, ...rest } = request
  return sdk === '' ? rest : { ...rest, sdk_agent: sdk }
}

const eventsIn = ({ events }: JsonObject): Json[] => (Array.isArray(events) ? events : [])

/** Redacts a request by the rules of its input. */
export const redactMobile = ({ request, body }: MobileUpload, rules: FieldRules): MobileUpload => {
  const { options, digest } = request
  const context = objectOf(parseJson(request.context_text))
  const contextText = stringifyJson(redactContext(context, rules, uuidFrom(digest)))
  const parsed = objectOf(parseJson(body))
  const redacted = {
    ...objectOf(redactFields(omit(parsed, ['events']), rules)),
    events: eventsIn(parsed).map((event) =>
      redactMobileEvent(event, rules, options.customer_id_attribute)
    ),
  }
  const redactedRequest = withParts(request, contextText, redacted)
  return {
    request:
      rules.user_agent === 'drop'
        ? withoutAgents(redactedRequest, sdkToken(request))
        : redactedRequest,
    body: stringifyJson(redacted),
  }
}

/**
 * An anonymous request: it has only the dialect's own fields, and a client id that derives from the
 * request, so that a repeat has the same one.
 */
export const stripMobile = ({ request, body }: MobileUpload): MobileUpload => {
  const { options, digest } = request
  const context = objectOf(parseJson(request.context_text))
  const contextText = stringifyJson(stripContext(context, uuidFrom(digest)))
  const events = eventsIn(objectOf(parseJson(body))).map((event) =>
    stripMobileEvent(event, options.customer_id_attribute)
  )
  const stripped = withParts(request, contextText, { events })
  return { request: withoutAgents(stripped, sdkToken(request)), body: stringifyJson({ events }) }
}
