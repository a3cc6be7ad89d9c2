import type { AwsAnswer } from '../../../worker/commands/aws/request'

/** Text goes as it is, other values as JSON. */
export function jsonAnswer(
  status: number,
  body: unknown,
  headers: Record<string, string> = {}
): AwsAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  }
}
