import { uuidFrom } from '../../base/hash'
import { type Json, type JsonObject, omit, parseJson, stringifyJson } from '../../base/json'
import { readContext } from '../mobile-analytics/client-context'
import { readEvents } from '../mobile-analytics/events'
import { type MobileRequest, sdkToken } from '../mobile-analytics/request'
import { governFields } from './fields'
import { governContext, objectOf, stripContext } from './mobile-context'
import { governMobileEvent, stripMobileEvent } from './mobile-events'
import type { FieldRules } from './rules'

/** A request of Amazon Mobile Analytics, with the text of its body. */
export interface MobileUpload {
  request: MobileRequest
  body: string
}

const read = (request: MobileRequest, contextText: string, body: Json): MobileRequest => {
  const context = readContext(contextText, false)
  const events = readEvents(body)
  if (!context.ok || !events.ok) throw new Error('The request is not valid any more.')
  return { ...request, context: context.value, context_text: contextText, events: events.value }
}

// The name and version of an SDK stay of what it says of itself.
const withoutAgents = (
  { user_agent: _, sdk_agent: __, ...request }: MobileRequest,
  token: string
) => (token === '' ? request : { ...request, sdk_agent: token })

const eventsIn = ({ events }: JsonObject): Json[] => (Array.isArray(events) ? events : [])

/** A request without what the rules are about, wherever the dialect has it. */
export const governMobile = ({ request, body }: MobileUpload, rules: FieldRules): MobileUpload => {
  const { options, digest } = request
  const context = objectOf(parseJson(request.context_text))
  const contextText = stringifyJson(governContext(context, rules, uuidFrom(digest)))
  const given = objectOf(parseJson(body))
  const governed = {
    ...objectOf(governFields(omit(given, ['events']), rules)),
    events: eventsIn(given).map((one) =>
      governMobileEvent(one, rules, options.customer_id_attribute)
    ),
  }
  const next = read(request, contextText, governed)
  return {
    request: rules.user_agent === 'drop' ? withoutAgents(next, sdkToken(request)) : next,
    body: stringifyJson(governed),
  }
}

/**
 * A request of nobody's: its client is a stranger, who is the same when it comes again, and nothing
 * is left that the dialect does not know.
 */
export const stripMobile = ({ request, body }: MobileUpload): MobileUpload => {
  const { options, digest } = request
  const context = objectOf(parseJson(request.context_text))
  const contextText = stringifyJson(stripContext(context, uuidFrom(digest)))
  const events = eventsIn(objectOf(parseJson(body))).map((one) =>
    stripMobileEvent(one, options.customer_id_attribute)
  )
  const next = read(request, contextText, { events })
  return { request: withoutAgents(next, sdkToken(request)), body: stringifyJson({ events }) }
}
