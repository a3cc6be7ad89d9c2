import * as v from 'valibot'
import { queueNameOf, s3AddressOf } from '../../../worker/commands/aws/address'
import { type AwsRequest, targetOf } from '../../../worker/commands/aws/request'
import { functionNameOf, type Service, serviceOf } from './service'

/** What a request asks for, as far as faults and the log distinguish it. */
export interface Call {
  service: Service
  /** As AWS names it: `SendMessageBatch`, `PutObject`, `AssumeRole`, `Invoke`. */
  action: string
  bucket?: string
  key?: string
  queue?: string
  /** The Lambda function. */
  functionName?: string
  /** Ids of a batch's entries; empty for other calls. */
  entryIds: string[]
}

const sqsBody = v.object({
  QueueUrl: v.optional(v.string()),
  QueueName: v.optional(v.string()),
  Entries: v.optional(v.array(v.object({ Id: v.string() })), []),
})

const OBJECT_ACTIONS: Record<string, string> = {
  PUT: 'PutObject',
  GET: 'GetObject',
  HEAD: 'HeadObject',
  DELETE: 'DeleteObject',
  POST: 'PostObject',
}
const BUCKET_ACTIONS: Record<string, string> = {
  PUT: 'CreateBucket',
  GET: 'ListObjects',
  HEAD: 'HeadBucket',
  DELETE: 'DeleteBucket',
  POST: 'DeleteObjects',
}

export function callOf(request: AwsRequest): Call {
  const service = serviceOf(request)
  if (service === 'sqs') return sqsCall(request)
  if (service === 's3') return s3Call(request)
  if (service === 'lambda') {
    const functionName = functionNameOf(request) ?? ''
    return { service, action: 'Invoke', functionName, entryIds: [] }
  }
  const action = new URLSearchParams(request.body.toString('utf8')).get('Action') ?? ''
  return { service, action, entryIds: [] }
}

function sqsCall(request: AwsRequest): Call {
  const read = v.safeParse(sqsBody, parsed(request.body))
  const { QueueUrl = '', QueueName, Entries = [] } = read.success ? read.output : {}
  const queue = queueNameOf(QueueUrl) ?? QueueName
  return {
    service: 'sqs',
    action: targetOf(request),
    ...(queue === undefined ? {} : { queue }),
    entryIds: Entries.map(({ Id }) => Id),
  }
}

function s3Call(request: AwsRequest): Call {
  const { bucket = '', key = '' } = s3AddressOf(request) ?? {}
  const actions = key === '' ? BUCKET_ACTIONS : OBJECT_ACTIONS
  const action = bucket === '' ? 'ListBuckets' : (actions[request.method] ?? request.method)
  return { service: 's3', action, bucket, key, entryIds: [] }
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}
