import { parseBody } from '../batch-body'
import { decodeContext, readContext } from './client-context'
import { readEvents } from './events'
import { badRequest, type Refusal, refusal } from './refusal'
import type { MobileApp, MobileRequest } from './request'
import { sha256 } from './signature'

/** A request whose signature was verified. */
export interface VerifiedRequest {
  headers: Headers
  app: MobileApp
  /** The inflated body as text. */
  body: string
  /** SHA-256 of the received bytes, hex. */
  bodyHash: string
  requestId: string
}

// As Amazon's service words it.
const badContext = 'Client context is malformed or missing. '

type Agents = Pick<MobileRequest, 'sdk_agent' | 'user_agent' | 'is_browser'>

const agentsOf = (headers: Headers): Agents => {
  const user_agent = headers.get('user-agent')
  const sdk_agent = headers.get('x-amz-user-agent')
  return {
    // Browsers send it with every POST, and native clients never.
    is_browser: headers.has('origin'),
    ...(user_agent ? { user_agent } : {}),
    ...(sdk_agent ? { sdk_agent } : {}),
  }
}

const optionsOf = (app: MobileApp): MobileRequest['options'] => {
  const { account_id, environment, customer_id_attribute, custom_as_user_attributes } = app
  return {
    account_id,
    environment,
    custom_as_user_attributes,
    ...(customer_id_attribute === undefined ? {} : { customer_id_attribute }),
  }
}

/** Decodes client context and body. Any problem in either refuses the whole request. */
export const decodeRequest = async (
  verified: VerifiedRequest
): Promise<MobileRequest | Refusal> => {
  const { headers, app, body, bodyHash, requestId } = verified
  const encoding = headers.get('x-amz-client-context-encoding')
  const text = decodeContext(headers.get('x-amz-client-context'), encoding)
  if (!text.ok) return badRequest(text.problems, badContext)
  const context = readContext(text.value, app.strict_client_context)
  if (!context.ok) return badRequest(context.problems, badContext)
  const { app_id, client_id } = context.value
  if (app_id !== app.app_id) {
    return refusal('AccessDeniedException', 'The access key is for another app_id.')
  }
  const parsed = parseBody(body)
  const events = parsed.ok ? readEvents(parsed.value) : parsed
  if (!events.ok) return badRequest(events.problems)
  return {
    context: context.value,
    context_text: text.value,
    events: events.value,
    request_id: requestId,
    digest: await sha256(`${app_id}\n${client_id}\n${bodyHash}`),
    ...agentsOf(headers),
    options: optionsOf(app),
  }
}
