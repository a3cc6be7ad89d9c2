import type { AwsAnswer } from '../../../worker/commands/aws/request'
import { jsonAnswer } from './json-answer'

interface ErrorDetails {
  headers?: Record<string, string> | undefined
  message?: string
}

/** Words an error as Lambda does: its name is in a header only. */
export function lambdaError(
  status: number,
  code: string,
  { headers = {}, message = `Refused: ${code}` }: ErrorDetails = {}
): AwsAnswer {
  const type = status < 500 ? 'User' : 'Service'
  return jsonAnswer(
    status,
    { Type: type, Message: message },
    { 'x-amzn-errortype': code, ...headers }
  )
}
