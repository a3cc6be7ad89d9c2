import type { AccessClient } from '../../aws/credentials'
import { awsDomain } from '../../aws/hosts'
import { isExpiredToken } from '../../aws/outcome'
import type { IntegrationAnswer } from './answer'
import { sendOnce } from './http'

export interface LambdaEndpoint {
  kind: 'lambda'
  /** With the alias or version, if there is one. */
  arn: string
  region: string
  access: AccessClient
  endpoint_url?: string | undefined
}

/** The limit of Lambda for a synchronous invocation: 6 MB. */
export const longestPayloadBytes = 6 * 1024 * 1024

const qualified = /^(.+:function:[^:]+)(?::(.+))?$/

/** The URL that invokes a function: its ARN is one path segment, its alias or version a parameter. */
const invocationUrl = ({ arn, region, endpoint_url }: LambdaEndpoint): string => {
  const [, name = arn, qualifier] = qualified.exec(arn) ?? []
  const path = `/2015-03-31/functions/${encodeURIComponent(name)}/invocations`
  const url = new URL(path, endpoint_url || `https://lambda.${region}.${awsDomain(region)}`)
  if (qualifier) url.searchParams.set('Qualifier', qualifier)
  return url.href
}

/** Invokes the function once and waits for its result. */
export const invoke = async (
  endpoint: LambdaEndpoint,
  text: string,
  longestBytes: number
): Promise<IntegrationAnswer> => {
  const body = new TextEncoder().encode(text)
  if (body.byteLength > longestPayloadBytes) {
    const reason = `The message has ${body.byteLength} bytes; Lambda takes ${longestPayloadBytes}.`
    return { outcome: { kind: 'reject', reason } }
  }
  const client = await endpoint.access.client()
  if ('kind' in client) return { outcome: client }
  const request = await client.sign(invocationUrl(endpoint), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-amz-invocation-type': 'RequestResponse' },
    body,
    aws: { service: 'lambda', region: endpoint.region },
  })
  const answer = await sendOnce(request, longestBytes)
  if ('failed' in answer) return answer
  if (answer.status !== 200 && isExpiredToken(answer)) endpoint.access.forget()
  return { from: 'lambda', ...answer }
}
