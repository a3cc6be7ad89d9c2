import type { JsonObject } from '../../base/json'
import type { Environment } from '../../batch'
import type { ClientContext } from './client-context'
import type { MobileEvent } from './events'

/** What an input's owner chose of how its requests are mapped. */
export interface MappingOptions {
  /** Told in records. */
  account_id: string
  environment: Environment
  /** The attribute of events that names the customer. */
  customer_id_attribute?: string | undefined
  /** Whether `custom` of the client context becomes user attributes. */
  custom_as_user_attributes: boolean
}

/** What requests of an app must keep to, and how they are mapped. */
export interface MobileApp extends MappingOptions {
  app_id: string
  strict_client_context: boolean
}

/** A PutEvents request that was taken. */
export interface MobileRequest {
  context: ClientContext
  /** The JSON text of the context, as it came. */
  context_text: string
  events: MobileEvent[]
  /** What its client was told as `x-amzn-RequestId`. */
  request_id: string
  /** 64 hex digits that are the same when the client sends the same request again. */
  digest: string
  /** `X-Amz-User-Agent`, of browsers. */
  sdk_agent?: string
  /** `User-Agent`. */
  user_agent?: string
  is_browser: boolean
  /** Set when the user agent is that of a robot, and the input wants to know. */
  is_bot?: true
  options: MappingOptions
}

// Bounded, so that a long text is read in linear time.
const agentOf = /\b(aws-sdk-[\w-]{1,64})\/([\w.:-]{1,64})/i

type Agents = Pick<MobileRequest, 'sdk_agent' | 'user_agent'>

const agentIn = ({ sdk_agent, user_agent }: Agents): RegExpExecArray | null =>
  agentOf.exec(`${sdk_agent ?? ''} ${user_agent ?? ''}`)

/** Name and version of the SDK alone of what user agents say, such as `aws-sdk-js/2.1`; or ''. */
export const sdkToken = (agents: Agents): string => agentIn(agents)?.[0] ?? ''

/** The SDK by its own account, else by its user agent. */
export const sdkOf = (
  request: Pick<MobileRequest, 'context' | 'sdk_agent' | 'user_agent'>
): { sdk_name?: string; sdk_version?: string } => {
  const { sdk_name, sdk_version } = request.context
  const told = { ...(sdk_name ? { sdk_name } : {}), ...(sdk_version ? { sdk_version } : {}) }
  if (sdk_name) return told
  const [, name, version] = agentIn(request) ?? []
  return name && version ? { sdk_name: name, sdk_version: version, ...told } : told
}

/** Which of the two kinds of clients sent it, by the name of its SDK. */
export const channelOf = (
  request: Pick<MobileRequest, 'context' | 'sdk_agent' | 'user_agent'>
): 'javascript' | 'native' =>
  /(-js\b|-nodejs\b|javascript)/i.test(sdkOf(request).sdk_name ?? '') ? 'javascript' : 'native'

/** Those of the fields that are there and not empty. */
export const filled = (fields: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined && value !== '')
  )
