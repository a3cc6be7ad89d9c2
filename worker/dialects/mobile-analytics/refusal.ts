import { type Problem, problem } from '../../base/problem'

/** The error types of the dialect that weir answers with; clients call them codes. */
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

/** Why a request is not taken, in the words of the dialect. */
export interface Refusal {
  status: 400 | 403 | 413
  type: ErrorType
  message: string
  /** The same, as it is kept for the owner of the input. */
  problems: Problem[]
}

// Types that are not here are those of authentication.
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

/** A request that can never be understood: clients drop what it held. */
export const badRequest = (problems: Problem[], opening = ''): Refusal => {
  const [first, ...more] = problems
  const others = more.length > 0 ? ` (and ${more.length} more)` : ''
  const message = `${opening}${first?.message ?? ''}${others}`
  return { ...refusal('BadRequestException', message), problems }
}
