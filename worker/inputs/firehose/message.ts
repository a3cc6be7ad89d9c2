import { type JsonObject, stringifyJson } from '../../base/json'
import { type Problem, RequestError } from '../../base/problem'
import { reject } from '../upload/reject'
import type { InputRequest } from '../upload/request'

/** A message to an input, without the account's settings. */
export interface InputMessage {
  request: Omit<InputRequest, 'edge'>
  message: JsonObject
}

/** Keeps a message as rejected. @throws RequestError 400, always */
export const refuse = ({ request, message }: InputMessage, problems: Problem[]): never => {
  reject(request, { problems, payload: stringifyJson(message) })
  throw new RequestError(400, problems)
}

/** The request of what mParticle's servers know by themselves, without a user's device. */
export const serverRequest = ({ request }: InputMessage): InputRequest => ({
  ...request,
  edge: { channel: 'server_to_server' },
})
