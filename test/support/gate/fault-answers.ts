import * as v from 'valibot'
import { s3Error, sqsError, stsError } from '../../../worker/commands/aws/error-answers'
import type { AwsAnswer, AwsRequest } from '../../../worker/commands/aws/request'
import type { Cut, Pass } from '../../../worker/commands/aws/server'
import type { Call } from './call'
import type { Fault, Faults } from './faults'
import { lambdaError } from './lambda-error'
import type { Service } from './service'

const batchSchema = v.looseObject({ Entries: v.array(v.looseObject({ Id: v.string() })) })
const batchResultSchema = v.looseObject({ Failed: v.optional(v.array(v.unknown()), []) })

interface Struck {
  request: AwsRequest
  call: Call
  fault: Fault
  faults: Faults
  pass: Pass
}

/** Carries a fault out: the answer instead of the usual one, or a connection cut off. */
export async function faultAnswer(struck: Struck): Promise<AwsAnswer | Cut> {
  const { call, fault } = struck
  const { service } = call
  switch (fault.fault) {
    case 'cut_before':
    case 'cut_after':
      // After: it was carried out by now.
      return { cut: 'before' }
    case 'partial':
    case 'partial_sender_fault':
      return partialAnswer(struck)
    case 'throttle':
      return throttled(service, fault.params.retryAfterS ?? 1)
    case 'forbidden':
      return errorOf(service, 403, 'AccessDenied', 'Access Denied')
    case 'no_bucket':
      return s3Error(404, 'NoSuchBucket', 'The specified bucket does not exist')
    case 'no_queue':
      return errorOf('sqs', 400, 'QueueDoesNotExist', 'The specified queue does not exist.')
    default:
      return service === 's3'
        ? s3Error(503, 'SlowDown', 'Please reduce your request rate.')
        : errorOf(service, 503, 'ServiceUnavailable', 'The service is temporarily unavailable.')
  }
}

function errorOf(service: Service, status: number, code: string, message: string): AwsAnswer {
  if (service === 's3') return s3Error(status, code, message)
  if (service === 'sts') return stsError(status, code, message)
  if (service === 'lambda') return lambdaError(status, `${code}Exception`, { message })
  return sqsError(status, `com.amazonaws.sqs#${code}`, message)
}

function throttled(service: Service, retryAfterS: number): AwsAnswer {
  const code = {
    s3: 'SlowDown',
    sqs: 'ThrottlingException',
    sts: 'Throttling',
    lambda: 'TooManyRequests',
  }[service]
  const answer = errorOf(service, 429, code, 'Rate exceeded')
  return { ...answer, headers: { ...answer.headers, 'retry-after': String(retryAfterS) } }
}

/** Stores the other entries of a batch and reports the struck ones as failed. */
async function partialAnswer({ request, call, fault, faults, pass }: Struck): Promise<AwsAnswer> {
  const isSenderFault = fault.fault === 'partial_sender_fault'
  const struck = faults.pick(call.entryIds, fault)
  const failed = [...struck].map((Id) => ({
    Id,
    SenderFault: isSenderFault,
    Code: fault.params.code ?? (isSenderFault ? 'InvalidParameterValue' : 'InternalError'),
    Message: isSenderFault ? 'The entry is not valid.' : 'We encountered an internal error.',
  }))
  const input = v.parse(batchSchema, JSON.parse(request.body.toString('utf8')))
  const Entries = input.Entries.filter(({ Id }) => !struck.has(Id))
  if (Entries.length === 0) {
    return {
      status: 200,
      headers: { 'content-type': 'application/x-amz-json-1.0' },
      body: JSON.stringify({ Successful: [], Failed: failed }),
    }
  }
  const answer = await pass({
    ...request,
    body: Buffer.from(JSON.stringify({ ...input, Entries })),
  })
  if (answer.status !== 200) return answer
  const result = v.parse(batchResultSchema, JSON.parse(String(answer.body)))
  return {
    ...answer,
    body: JSON.stringify({ ...result, Failed: [...result.Failed, ...failed] }),
  }
}
