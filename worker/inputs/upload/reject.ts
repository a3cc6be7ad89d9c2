import type { Problem } from '../../base/problem'
import type { Input } from '../../config/input'
import { isRedactable } from '../../dialects/privacy/body'
import { queueRejected, queueUnauthenticated } from './rejected-queue'
import { type InputContext, type InputRequest, waitUntilOf } from './request'

export interface Rejected {
  problems: Problem[]
  /** The body, or what could be read of it. */
  payload: string
  /** Whether the payload was redacted by the rules of its input, as far as it could be parsed. */
  isRedacted?: boolean
  /** Whether anybody can cause it without credentials: only one such row a second is kept. */
  isUnauthenticated?: boolean
}

// The consent to keep it is not known, and a payload that cannot be redacted may hold anything.
const keptPayload = ({ privacy }: Input, { payload, isRedacted }: Rejected): string => {
  if (!privacy) return payload
  return isRedacted && !privacy.consent && isRedactable(payload) ? payload : ''
}

/** Keeps what an input refused, for its owner to look at. Returns at once and never fails. */
export const reject = (
  { env, input, waitUntil }: Pick<InputRequest, 'env' | 'input' | 'waitUntil'>,
  rejected: Rejected
): void => {
  const { problems, isUnauthenticated } = rejected
  const row = { input: input.id, problems, payload: keptPayload(input, rejected) }
  if (isUnauthenticated) queueUnauthenticated(env, waitUntil, row)
  else queueRejected(env, waitUntil, row)
}

/** Records a request whose credentials match no input; its body is not read. */
export const rejectUnknown = (context: InputContext, unknown: Problem): void =>
  queueUnauthenticated(context.env, waitUntilOf(context), {
    input: '',
    problems: [unknown],
    payload: '',
  })
