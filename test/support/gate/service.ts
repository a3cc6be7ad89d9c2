import {
  type AwsRequest,
  type Service as LocalService,
  serviceOf as localServiceOf,
} from '../../../worker/commands/aws/request'

/** What the gate stands for: the services of the local AWS, and Lambda in front of integrations. */
export type Service = LocalService | 'lambda'

const INVOCATION = /^\/2015-03-31\/functions\/([^/?]+)\/invocations(?:\?|$)/

export function serviceOf(request: AwsRequest): Service {
  return INVOCATION.test(request.url) ? 'lambda' : localServiceOf(request)
}

/** The name of the function that is invoked, whether the path has the name or an ARN. */
export function functionNameOf(request: AwsRequest): string | undefined {
  const given = INVOCATION.exec(request.url)?.[1]
  if (given === undefined) return undefined
  const decoded = decodeURIComponent(given)
  return /:function:([\w-]+)(?::|$)/.exec(decoded)?.[1] ?? decoded.split(':')[0]
}
