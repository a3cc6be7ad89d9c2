import { MessageError, PermanentError } from './errors'
import { answerHttp, type HttpOptions, readText } from './http'
import { type ResponseMessage, responseTypes } from './messages'
import type { MessageProcessor } from './processor'
import { readMessage } from './read-message'
import { plainResponse } from './response'
import { isObject } from './tables/field'
import { writeMessage } from './write-message'

/** A processor for all invocations, or what makes one for each. */
export type LambdaProcessor =
  | MessageProcessor
  | ((event: unknown, context: unknown) => MessageProcessor)

export interface LambdaHttpResponse {
  statusCode: number
  headers: Record<string, string>
  body: string
}

type HttpEvent = Record<string, unknown> & { requestContext: Record<string, unknown> }

const isHttp = (event: unknown): event is HttpEvent =>
  isObject(event) && isObject(event.requestContext)

const bytesOf = ({ body, isBase64Encoded }: HttpEvent): Uint8Array => {
  const text = typeof body === 'string' ? body : ''
  if (!isBase64Encoded) return new TextEncoder().encode(text)
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}

async function* one(chunk: Uint8Array) {
  yield chunk
}

/** Of an event of a function URL or an HTTP API (format 2.0), or of a REST API (1.0). */
const httpRequest = (event: HttpEvent) => {
  const { http } = event.requestContext
  const headers = isObject(event.headers) ? Object.entries(event.headers) : []
  return {
    method: String((isObject(http) && http.method) || event.httpMethod || 'GET'),
    path: String(event.rawPath ?? event.path ?? '/'),
    header: (name: string) => {
      const value = headers.find(([key]) => key.toLowerCase() === name)?.[1]
      return value === undefined ? undefined : String(value)
    },
    read: (maxBytes: number) => readText(one(bytesOf(event)), maxBytes),
  }
}

const badRequest = (error: MessageError): LambdaHttpResponse => ({
  statusCode: 400,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ error: error.message }),
})

const isAnswerable = (type: string): type is Parameters<typeof plainResponse>[0] =>
  type in responseTypes && type !== 'module_registration_request'

/** What remains of an error that would be the same again: whatever is thrown is sent again. */
const settled = (error: unknown, event: unknown): ResponseMessage | LambdaHttpResponse => {
  if (error instanceof MessageError) return badRequest(error)
  if (!(error instanceof PermanentError)) throw error
  const { type } = readMessage(isObject(event) ? event : '')
  if (!isAnswerable(type)) throw error
  return plainResponse(type)
}

const answerInvocation = async (
  processor: MessageProcessor,
  event: unknown
): Promise<ResponseMessage | LambdaHttpResponse> => {
  try {
    return JSON.parse(writeMessage(await processor.processMessage(isObject(event) ? event : '')))
  } catch (error) {
    processor.log('A message was not processed.', error)
    return settled(error, event)
  }
}

/**
 * A Lambda function's code, for both ways to reach it: through a function URL or an HTTP API, where
 * the options hold and errors become statuses, and invoked directly by a platform, where IAM says
 * who may. Then what is thrown is sent again; permanent errors are logged and answered like success.
 */
export const lambda =
  (processor: LambdaProcessor, options: HttpOptions = {}) =>
  async (event: unknown, context?: unknown): Promise<ResponseMessage | LambdaHttpResponse> => {
    const chosen = typeof processor === 'function' ? processor(event, context) : processor
    if (!isHttp(event)) return answerInvocation(chosen, event)
    const { status, headers, body } = await answerHttp(chosen, httpRequest(event), options)
    return { statusCode: status, headers, body }
  }
