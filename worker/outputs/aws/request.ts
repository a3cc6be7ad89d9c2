import { AwsClient } from 'aws4fetch'

export interface AwsCredentials {
  access_key_id: string
  secret_access_key: string
  session_token?: string
}

export interface AwsRequest {
  service: 'sqs' | 's3' | 'sts'
  region: string
  url: string
  method: 'POST' | 'PUT'
  headers: Record<string, string>
  body: string | Uint8Array
}

/** An answer of AWS with its whole body, or why there was none. */
export type AwsAnswer = { status: number; headers: Headers; text: string } | { failed: string }

const timeoutMs = 60_000

/** One client per credentials: aws4fetch keeps the derived signing keys in it. */
export const awsClient = (credentials: AwsCredentials): AwsClient =>
  new AwsClient({
    accessKeyId: credentials.access_key_id,
    secretAccessKey: credentials.secret_access_key,
    ...(credentials.session_token ? { sessionToken: credentials.session_token } : {}),
    retries: 0,
  })

/** Signs with the current time and sends once. Never throws, never follows a redirect. */
export const sendToAws = async (client: AwsClient, request: AwsRequest): Promise<AwsAnswer> => {
  const { service, region, url, ...init } = request
  try {
    const signed = await client.sign(url, { ...init, aws: { service, region } })
    const response = await fetch(signed, {
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    // An unread body holds one of the six connections that a Durable Object may have open.
    const text = new TextDecoder().decode(await response.arrayBuffer())
    return { status: response.status, headers: response.headers, text }
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) }
  }
}
