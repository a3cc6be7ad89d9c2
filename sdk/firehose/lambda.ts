import { MessageError, PermanentError } from './errors'
import { answerHttp, type HttpOptions, readText } from './http'
import { type ResponseMessage, responseTypes } from './messages'
import type { MessageProcessor } from './processor'
import { readMessage } from './read-message'
import { plainResponse } from './response'
import { isObject } from './tables/field'
import { writeMessage } from './write-message'

/** A processor for all invocations, or a function that makes one for each. */
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

async function* single(chunk: Uint8Array) {
  yield chunk
}

/** The request in an event of a function URL or HTTP API (format 2.0), or of a REST API (1.0). */
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
    read: (maxBytes: number) => readText(single(bytesOf(event)), maxBytes),
  }
}

const badRequest = (error: MessageError): LambdaHttpResponse => ({
  statusCode: 400,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ error: error.message }),
})

const isAnswerable = (type: string): type is Parameters<typeof plainResponse>[0] =>
  type in responseTypes && type !== 'module_registration_request'

/**
 * The result of a permanent error. Other errors are thrown, so that Lambda sends the message again.
 */
const permanentResult = (error: unknown, event: unknown): ResponseMessage | LambdaHttpResponse => {
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
    return permanentResult(error, event)
  }
}

/**
 * The handler of a Lambda function, which can be called in two ways. Through a function URL or an
 * HTTP API, the options apply, and errors become statuses. Invoked directly by a platform, IAM
 * decides who may call; the platform repeats invocations that throw, so permanent errors are logged
 * and answered like success.
 */
export const lambda =
  (processor: LambdaProcessor, options: HttpOptions = {}) =>
  async (event: unknown, context?: unknown): Promise<ResponseMessage | LambdaHttpResponse> => {
    const instance = typeof processor === 'function' ? processor(event, context) : processor
    if (!isHttp(event)) return answerInvocation(instance, event)
    const { status, headers, body } = await answerHttp(instance, httpRequest(event), options)
    return { statusCode: status, headers, body }
  }
