/** One request as it came over the wire: header names in lower case, the body whole. */
export interface AwsRequest {
  method: string
  url: string
  headers: Record<string, string>
  body: Buffer
}

export interface AwsAnswer {
  status: number
  headers: Record<string, string>
  body: Buffer | string
}

export type Service = 'sqs' | 's3' | 'sts'

/** Which of the three services a request is for, by its headers: they share one host and port. */
export function serviceOf({ method, headers }: AwsRequest): Service {
  const type = headers['content-type'] ?? ''
  if (headers['x-amz-target'] !== undefined || type.startsWith('application/x-amz-json')) {
    return 'sqs'
  }
  if (method === 'POST' && type.startsWith('application/x-www-form-urlencoded')) return 'sts'
  return 's3'
}

/** The operation named in an SQS request, `''` when none is. */
export function targetOf(request: AwsRequest): string {
  return (request.headers['x-amz-target'] ?? '').replace(/^AmazonSQS\./, '')
}
