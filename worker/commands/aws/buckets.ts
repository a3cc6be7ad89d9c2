import { escapedPath, isBucketName, type S3Address, s3AddressOf } from './address'
import type { Backend } from './backend'
import { s3Error } from './error-answers'
import type { Landed } from './landed'
import type { ObjectFiles } from './object-files'
import type { AwsAnswer, AwsRequest } from './request'

const MAX_KEY_BYTES = 1024
// Credentials are not written to disk.
const SECRET_HEADERS = new Set(['authorization', 'x-amz-security-token'])

export interface StoredObject {
  key: string
  body: Buffer
  contentType: string
  /** As received on PUT, names in lower case, without credentials. */
  headers: Record<string, string>
}

export interface Buckets {
  answer(request: AwsRequest): Promise<AwsAnswer>
  create(name: string): Promise<void>
  objects(bucket: string): Promise<StoredObject[]>
  names(): string[]
  empty(bucket: string): Promise<void>
}

interface State {
  backend: Backend
  files: ObjectFiles
  onLanded: (item: Landed) => void
  /** The headers of every object, by bucket and key. */
  buckets: Map<string, Map<string, Record<string, string>>>
}

/** S3 in front of fauxqs: whole objects only, no multipart uploads and no copies. */
export async function openBuckets(options: Omit<State, 'buckets'>): Promise<Buckets> {
  const state: State = { ...options, buckets: new Map() }
  await restore(state)
  return {
    answer: (request) => answerS3(state, request),
    create: (name) => create(state, name),
    names: () => [...state.buckets.keys()],
    async objects(bucket) {
      const entries = [...(state.buckets.get(bucket) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))
      return Promise.all(
        entries.map(async ([key, headers]) => {
          const { body } = await ask(state, 'GET', bucket, key)
          const contentType = headers['content-type'] ?? ''
          return { key, body: Buffer.from(body), contentType, headers }
        })
      )
    },
    async empty(bucket) {
      for (const key of [...(state.buckets.get(bucket)?.keys() ?? [])]) {
        await remove(state, bareRequest('DELETE'), { bucket, key, search: '' })
      }
    },
  }
}

async function answerS3(state: State, request: AwsRequest): Promise<AwsAnswer> {
  const address = s3AddressOf(request)
  if (address === undefined || hasDotSegment(address.key)) {
    return s3Error(400, 'InvalidURI', "Couldn't parse the specified URI.")
  }
  if (address.bucket === '') return state.backend({ ...request, url: `/${address.search}` })
  if (!isBucketName(address.bucket)) {
    return s3Error(400, 'InvalidBucketName', 'The specified bucket is not valid.')
  }
  if (isMultipart(request, address)) {
    return s3Error(501, 'NotImplemented', 'Multipart and chunked uploads and copies are left out.')
  }
  if (request.method === 'DELETE') return remove(state, request, address)
  if (request.method === 'POST') return removeMany(state, request, address)
  if (request.method !== 'PUT') return forward(state, request, address)
  if (address.key !== '') return put(state, request, address)
  await create(state, address.bucket)
  return { status: 200, headers: { location: `/${address.bucket}` }, body: '' }
}

async function create(state: State, name: string): Promise<void> {
  if (!isBucketName(name)) throw new Error(`${name} is not a bucket name.`)
  if (state.buckets.has(name)) return
  state.files.addBucket(name)
  await ask(state, 'PUT', name, '')
  state.buckets.set(name, new Map())
}

async function put(state: State, request: AwsRequest, address: S3Address): Promise<AwsAnswer> {
  const { bucket, key } = address
  const objects = state.buckets.get(bucket)
  if (objects === undefined) {
    return s3Error(404, 'NoSuchBucket', 'The specified bucket does not exist')
  }
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    return s3Error(400, 'KeyTooLongError', 'Your key is too long')
  }
  if (request.headers['if-none-match'] === '*' && objects.has(key)) {
    const message = 'At least one of the pre-conditions you specified did not hold'
    return s3Error(412, 'PreconditionFailed', message)
  }
  const headers = keptHeaders(request.headers)
  state.files.write(bucket, { key, headers, body: request.body })
  // From here on the key exists, also for a write-once PUT that arrives meanwhile.
  objects.set(key, headers)
  const answer = await forward(state, { ...request, headers }, address)
  if (answer.status !== 200) {
    objects.delete(key)
    state.files.remove(bucket, key)
    return answer
  }
  const { body } = request
  state.onLanded({ kind: 'object', bucket, key, bytes: body.length, body })
  return answer
}

async function remove(state: State, request: AwsRequest, address: S3Address): Promise<AwsAnswer> {
  const { bucket, key } = address
  const answer = await forward(state, request, address)
  if (answer.status >= 300) return answer
  if (key === '') {
    state.files.removeBucket(bucket)
    state.buckets.delete(bucket)
  } else {
    state.files.remove(bucket, key)
    state.buckets.get(bucket)?.delete(key)
  }
  return answer
}

async function removeMany(
  state: State,
  request: AwsRequest,
  address: S3Address
): Promise<AwsAnswer> {
  const { bucket } = address
  const before = [...(state.buckets.get(bucket)?.keys() ?? [])]
  const answer = await forward(state, request, address)
  for (const key of before) {
    const { status } = await ask(state, 'HEAD', bucket, key)
    if (status !== 404) continue
    state.files.remove(bucket, key)
    state.buckets.get(bucket)?.delete(key)
  }
  return answer
}

async function restore(state: State): Promise<void> {
  for (const { bucket, objects } of state.files.load()) {
    await ask(state, 'PUT', bucket, '')
    const known = new Map<string, Record<string, string>>()
    for (const { key, headers, body } of objects) {
      const request = { method: 'PUT', url: '', headers, body }
      await forward(state, request, { bucket, key, search: '' })
      known.set(key, headers)
    }
    state.buckets.set(bucket, known)
  }
}

function forward(state: State, request: AwsRequest, address: S3Address): Promise<AwsAnswer> {
  const { bucket, key, search } = address
  const path = key === '' ? '' : `/${escapedPath(key)}`
  return state.backend({ ...request, url: `/${bucket}${path}${search}` })
}

function ask(state: State, method: string, bucket: string, key: string): Promise<AwsAnswer> {
  return forward(state, bareRequest(method), { bucket, key, search: '' })
}

function bareRequest(method: string): AwsRequest {
  return { method, url: '', headers: {}, body: Buffer.alloc(0) }
}

function keptHeaders(headers: Record<string, string>): Record<string, string> {
  const stored = Object.entries(headers).filter(([name]) => !SECRET_HEADERS.has(name))
  return { 'content-type': 'binary/octet-stream', ...Object.fromEntries(stored) }
}

// The URL parser between here and fauxqs would resolve them to another key.
function hasDotSegment(key: string): boolean {
  return key.split('/').some((segment) => segment === '.' || segment === '..')
}

function isMultipart({ headers }: AwsRequest, { search }: S3Address): boolean {
  const query = new URLSearchParams(search)
  if (query.has('uploads') || query.has('uploadId')) return true
  if (headers['x-amz-copy-source'] !== undefined) return true
  return headers['content-encoding']?.includes('aws-chunked') ?? false
}
