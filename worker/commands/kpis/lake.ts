import { setTimeout as wait } from 'node:timers/promises'
import { errorCode } from '../../outputs/aws/outcome'
import { awsClient } from '../../outputs/aws/request'
import type { S3Configuration } from '../../outputs/s3/settings'
import { objectUrl } from '../../outputs/s3/url'
import type { ListPage } from './bucket-listing'

/** The variables that AWS's own tools read. */
export interface LakeEnvironment {
  AWS_ACCESS_KEY_ID?: string | undefined
  AWS_SECRET_ACCESS_KEY?: string | undefined
  AWS_SESSION_TOKEN?: string | undefined
  AWS_REGION?: string | undefined
  AWS_DEFAULT_REGION?: string | undefined
  AWS_ENDPOINT_URL?: string | undefined
  AWS_ENDPOINT_URL_S3?: string | undefined
}

/** Gets an object by its key. */
export type Ask = (key: string) => Promise<Response>

const attempts = 5
const firstWaitMs = 200
const timeoutMs = 300_000
const loopback = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/

const credentialsOf = (env: LakeEnvironment, endpoint: string) => {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = env
  // The local stand-in takes any.
  const isLocal = URL.canParse(endpoint) && loopback.test(new URL(endpoint).hostname)
  if (!(id && secret) && !isLocal) {
    throw new Error('For s3:// set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.')
  }
  return {
    access_key_id: id || 'local',
    secret_access_key: secret || 'local',
    ...(token ? { session_token: token } : {}),
  }
}

const refusal = async (answer: Response, bucket: string): Promise<Error> => {
  const region = answer.headers.get('x-amz-bucket-region')
  const text = await answer.text()
  const code = errorCode(text)
  if (code === 'NoSuchBucket') return new Error(`There is no bucket ${bucket}.`)
  const hint = region ? ` The bucket is in ${region}: set AWS_REGION.` : ''
  const isElsewhere = answer.status === 301 || code === 'AuthorizationHeaderMalformed'
  return new Error(
    `S3 answered ${[answer.status, code].filter(Boolean).join(' ')} for the bucket ${bucket}.${isElsewhere ? hint : ''}`
  )
}

const isPassing = (status: number): boolean => status >= 500 || status === 429

/** Reading one bucket. What S3 refuses or cannot answer at the fifth attempt is thrown. */
export const openLake = (bucket: string, env: LakeEnvironment): { list: ListPage; get: Ask } => {
  const endpoint = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL || ''
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || 'us-east-1'
  const client = awsClient(credentialsOf(env, endpoint))
  const place: S3Configuration = {
    aws_region: region,
    endpoint_url: endpoint,
    addressing_style: 'auto',
    access_key_id: undefined,
    secret_access_key: undefined,
    role_arn: undefined,
    external_id: undefined,
  }

  const ask = async (url: string): Promise<Response> => {
    for (let attempt = 1; ; attempt++) {
      let why: string
      try {
        const signed = await client.sign(url, { aws: { service: 's3', region } })
        const signal = AbortSignal.timeout(timeoutMs)
        const answer = await fetch(signed, { redirect: 'manual', signal })
        if (answer.ok) return answer
        if (!isPassing(answer.status)) throw await refusal(answer, bucket)
        why = `it answers ${answer.status}`
        await answer.arrayBuffer()
      } catch (error) {
        if (!isNetworkFailure(error)) throw error
        why = error.cause instanceof Error ? error.cause.message : error.message
      }
      if (attempt === attempts)
        throw new Error(`S3 cannot be read at ${new URL(url).origin}: ${why}`)
      await wait(firstWaitMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2))
    }
  }
  return {
    list: async (query) => {
      const url = objectUrl(place, bucket, '')
      return (await ask(`${url}?${new URLSearchParams(query)}`)).text()
    },
    get: (key) => ask(objectUrl(place, bucket, key)),
  }
}

// What fetch throws when there is no answer, and what the timeout does.
const isNetworkFailure = (error: unknown): error is Error =>
  error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError')
