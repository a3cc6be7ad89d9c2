import type { AwsRequest } from './request'

const ACCOUNT = '000000000000'

// The bucket stands before `localhost` or an S3 host name; anything else is path style.
const VIRTUAL_HOST = /^(.+?)\.(?:s3(?:[.-][a-z0-9-]+)?\.)?(?:localhost|amazonaws\.com)$/
const BARE_S3_HOST = /^s3(?:\.[a-z0-9-]+)?$/
const BUCKET_NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/
const QUEUE_NAME = /^[A-Za-z0-9_-]{1,80}(?:\.fifo)?$/

export interface S3Address {
  bucket: string
  key: string
  search: string
}

/** Where an S3 request points. `undefined` when its path cannot be decoded. */
export function s3AddressOf({ url, headers }: AwsRequest): S3Address | undefined {
  const [rawPath = '/', ...rest] = url.split('?')
  const search = rest.length > 0 ? `?${rest.join('?')}` : ''
  const path = decoded(rawPath)?.slice(1)
  if (path === undefined) return undefined
  const bucket = bucketOfHost(headers.host ?? '')
  if (bucket !== undefined) return { bucket, key: path, search }
  const slash = path.indexOf('/')
  if (slash === -1) return { bucket: path, key: '', search }
  return { bucket: path.slice(0, slash), key: path.slice(slash + 1), search }
}

/** The path that S3 signs: decoded once, then escaped by RFC 3986, except slashes. */
export function escapedPath(path: string): string {
  return path
    .split('/')
    .map((segment) =>
      encodeURIComponent(segment).replace(
        /[!'()*]/g,
        (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`
      )
    )
    .join('/')
}

export function isBucketName(name: string): boolean {
  return BUCKET_NAME.test(name) && !name.includes('..')
}

export function isQueueName(name: string): boolean {
  return QUEUE_NAME.test(name)
}

/** The name at the end of a queue URL, whatever its host. `undefined` when there is none. */
export function queueNameOf(queueUrl: string): string | undefined {
  if (!URL.canParse(queueUrl)) return undefined
  return new URL(queueUrl).pathname.split('/')[2]
}

export function queueUrl(origin: string, name: string): string {
  return `${origin}/${ACCOUNT}/${name}`
}

function bucketOfHost(host: string): string | undefined {
  const name = VIRTUAL_HOST.exec(host.replace(/:\d+$/, '').toLowerCase())?.[1]
  return name === undefined || BARE_S3_HOST.test(name) ? undefined : name
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}
