import type { JsonObject } from '../../base/json'
import type { Environment } from '../../batch'
import type { ClientContext } from './client-context'
import type { MobileEvent } from './events'

/** The settings of an input that decide how its requests become batches. */
export interface MappingOptions {
  /** `account_id` of records. */
  account_id: string
  environment: Environment
  /** The attribute of events that names the customer. */
  customer_id_attribute?: string | undefined
  /** Whether `custom` of the client context becomes user attributes. */
  custom_as_user_attributes: boolean
}

/** The settings of an input for its app. */
export interface MobileApp extends MappingOptions {
  app_id: string
  strict_client_context: boolean
}

/** A decoded PutEvents request. */
export interface MobileRequest {
  context: ClientContext
  /** The JSON text of the context, as it was sent. */
  context_text: string
  events: MobileEvent[]
  /** `x-amzn-RequestId` of the answer. */
  request_id: string
  /** 64 hex digits that are the same when the client sends the same request again. */
  digest: string
  /** `X-Amz-User-Agent`, of browsers. */
  sdk_agent?: string
  /** `User-Agent`. */
  user_agent?: string
  is_browser: boolean
  /** Set when the user agent is a robot's, and the input flags robots. */
  is_bot?: true
  options: MappingOptions
}

// Bounded, so that matching a long text takes linear time.
const agentOf = /\b(aws-sdk-[\w-]{1,64})\/([\w.:-]{1,64})/i

type Agents = Pick<MobileRequest, 'sdk_agent' | 'user_agent'>

const agentIn = ({ sdk_agent, user_agent }: Agents): RegExpExecArray | null =>
  agentOf.exec(`${sdk_agent ?? ''} ${user_agent ?? ''}`)

/** Only the SDK's name and version from the user agents, such as `aws-sdk-js/2.1`; '' for none. */
export const sdkToken = (agents: Agents): string => agentIn(agents)?.[0] ?? ''

/** Name and version of the SDK, from the client context, else from its user agent. */
export const sdkOf = (
  request: Pick<MobileRequest, 'context' | 'sdk_agent' | 'user_agent'>
): { sdk_name?: string; sdk_version?: string } => {
  const { sdk_name, sdk_version } = request.context
  const stated = { ...(sdk_name ? { sdk_name } : {}), ...(sdk_version ? { sdk_version } : {}) }
  if (sdk_name) return stated
  const [, name, version] = agentIn(request) ?? []
  return name && version ? { sdk_name: name, sdk_version: version, ...stated } : stated
}

/** The channel of a request, by the name of its SDK. */
export const channelOf = (
  request: Pick<MobileRequest, 'context' | 'sdk_agent' | 'user_agent'>
): 'javascript' | 'native' =>
  /(-js\b|-nodejs\b|javascript)/i.test(sdkOf(request).sdk_name ?? '') ? 'javascript' : 'native'

/** The fields that are neither undefined nor empty. */
export const filled = (fields: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== '')
  )
