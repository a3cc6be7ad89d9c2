import { parseUrl } from '../../../base/url'
import type { IntegrationAnswer } from './answer'
import { isHeaderName, isHeaderValue, sendOnce } from './http'
import { invoke, type LambdaEndpoint } from './lambda'

export type FirehoseEndpoint = HttpEndpoint | LambdaEndpoint

export interface HttpEndpoint {
  kind: 'http'
  /** Data subject requests go where events do. */
  urls: Record<Purpose, string>
  token?: string | undefined
}

export type Purpose = 'registration' | 'events' | 'audiences'

/** The header of an OAuth2 token. Lambda functions get none, since AWS signs what they get. */
export interface AuthorizationHeader {
  header: string
  value: string
}

const kibibyte = 1024
const longestAnswerBytes: Record<Purpose, number> = {
  registration: 1024 * kibibyte,
  events: 64 * kibibyte,
  audiences: 64 * kibibyte,
}

/** Sends one message once. Never throws, never follows a redirect, and gives up after a minute. */
export const sendToIntegration = async (
  endpoint: FirehoseEndpoint,
  { text, to }: { text: string; to: Purpose },
  authorization?: AuthorizationHeader
): Promise<IntegrationAnswer> => {
  const longestBytes = longestAnswerBytes[to]
  const url = endpoint.kind === 'http' ? endpoint.urls[to] : endpoint.endpoint_url
  if (url !== undefined && !isCallable(url)) {
    return ownerMustAct(`The address for ${to} is not one that can be called.`)
  }
  if (endpoint.kind === 'lambda') return invoke(endpoint, text, longestBytes)
  const headers = headersOf(endpoint.token, authorization)
  if (!headers) return ownerMustAct('The token cannot be sent in a header.')
  const request = new Request(endpoint.urls[to], { method: 'POST', headers, body: text })
  const answer = await sendOnce(request, longestBytes)
  return 'failed' in answer ? answer : { from: 'http', ...answer }
}

// Errors about other URLs quote them, including a password.
const isCallable = (url: string): boolean => {
  const parsed = parseUrl(url)
  if (!parsed || !/^https?:$/.test(parsed.protocol)) return false
  return !parsed.username && !parsed.password
}

const ownerMustAct = (reason: string): IntegrationAnswer => ({
  outcome: { kind: 'retry', reason, ownerMustAct: true },
})

const headersOf = (
  token: string | undefined,
  authorization: AuthorizationHeader | undefined
): Headers | undefined => {
  const headers: [string, string][] = []
  if (token) headers.push(['authorization', `Token ${token}`])
  if (authorization) headers.push([authorization.header.toLowerCase(), authorization.value])
  // Errors about other headers quote them.
  if (!headers.every(([name, value]) => isHeaderName(name) && isHeaderValue(value))) {
    return undefined
  }
  return new Headers({ 'content-type': 'application/json', ...Object.fromEntries(headers) })
}
