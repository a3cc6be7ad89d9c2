import { type Problem, problem } from '../../base/problem'

/** The error types with which weir answers; AWS's clients call them codes. */
export type ErrorType =
  | 'BadRequestException'
  | 'ThrottlingException'
  | 'RequestEntityTooLarge'
  | 'MissingAuthenticationTokenException'
  | 'IncompleteSignatureException'
  | 'UnrecognizedClientException'
  | 'InvalidSignatureException'
  | 'ExpiredTokenException'
  | 'AccessDeniedException'

/** Why a request is refused, as AWS's clients read it. */
export interface Refusal {
  status: 400 | 403 | 413
  type: ErrorType
  message: string
  /** The same for the owner of the input, with paths. */
  problems: Problem[]
}

// All other types are about authentication and answered 403.
const statusOf: Partial<Record<ErrorType, Refusal['status']>> = {
  BadRequestException: 400,
  ThrottlingException: 400,
  RequestEntityTooLarge: 413,
}

const codeOf = (type: ErrorType): string =>
  type
    .replace(/Exception$/, '')
    .replace(/(?<=.)[A-Z]/g, '_$&')
    .toLowerCase()

export const refusal = (type: ErrorType, message: string): Refusal => ({
  status: statusOf[type] ?? 403,
  type,
  message,
  problems: [problem(codeOf(type), '', message)],
})

export const isRefusal = (value: object): value is Refusal => 'type' in value && 'status' in value

/** The refusal of an invalid request. Clients drop its events. */
export const badRequest = (problems: Problem[], opening = ''): Refusal => {
  const [first, ...more] = problems
  const others = more.length > 0 ? ` (and ${more.length} more)` : ''
  const message = `${opening}${first?.message ?? ''}${others}`
  return { ...refusal('BadRequestException', message), problems }
}
