import { randomUUID } from 'node:crypto'
import * as v from 'valibot'
import type { AwsAnswer, AwsRequest } from '../../../worker/commands/aws/request'
import type { Cut } from '../../../worker/commands/aws/server'
import {
  type IntegrationScript,
  type ScriptedAnswer,
  scriptSchema,
  takeAnswer,
} from './integration-script'
import { isAuthorized, openTokens, type Tokens } from './integration-tokens'
import { jsonAnswer } from './json-answer'
import { lambdaError } from './lambda-error'

export interface IntegrationMessage {
  /** Below the integration's URL, such as `/events`; '' for the URL itself and for Lambda. */
  path: string
  /** The version or alias that a Lambda was invoked by. */
  qualifier?: string
  headers: Record<string, string>
  /** The body as it came. */
  message: string
}

interface Integration {
  registration: Record<string, unknown>
  token?: string
  tokens?: Tokens
  answers: ScriptedAnswer[]
  messages: IntegrationMessage[]
}

type Done = AwsAnswer | Cut

const PATH = /^\/(integrations|oauth)\/([^/?]+)(\/[^?]*)?/

/** Integrations on demand, by name: at `/integrations/:name`, and as Lambda functions. */
export function openIntegrations(now: () => number) {
  const known = new Map<string, Integration>()

  const take = async (one: Integration, message: IntegrationMessage): Promise<ScriptedAnswer> => {
    one.messages.push(message)
    const type = typeOf(message.message)
    const scripted = takeAnswer(
      one.answers,
      ({ match }) =>
        (match?.type ?? type) === type && message.message.includes(match?.contains ?? '')
    )
    await new Promise((resolve) => setTimeout(resolve, scripted?.delay_ms ?? 0))
    const body = scripted?.body ?? responseTo(one, type, { ...scripted, now: now() })
    return { ...scripted, ...(body === undefined ? { status: 400, body: '' } : { body }) }
  }

  const post = async (one: Integration, request: AwsRequest, path: string): Promise<Done> => {
    const message = { path, headers: request.headers, message: request.body.toString('utf8') }
    const isRegistration = typeOf(message.message) === 'module_registration_request'
    if (!isRegistration && !isAuthorized(one, request.headers)) {
      one.messages.push(message)
      return jsonAnswer(401, { error: 'Not authorized' })
    }
    const answer = await take(one, message)
    if (answer.cut) return { cut: 'before' }
    return jsonAnswer(answer.status ?? 200, answer.body, answer.headers)
  }

  return {
    isAddressed: (request: AwsRequest): boolean => PATH.test(request.url),
    set(name: string, given: unknown): void {
      const script = v.parse(scriptSchema, given)
      const one = known.get(name) ?? { registration: {}, answers: [], messages: [] }
      known.set(name, one)
      if (script.registration !== undefined) one.registration = script.registration
      if (script.token !== undefined) one.token = script.token
      if (script.answers !== undefined) one.answers = script.answers
      if (script.oauth !== undefined) one.tokens = openTokens(name, script.oauth, one.tokens)
    },
    messages: (name: string): IntegrationMessage[] => known.get(name)?.messages ?? [],
    tokenRequests: (name: string) => known.get(name)?.tokens?.requests ?? [],
    clear: (): void => known.clear(),
    /** Answers at an integration's own URLs and at its token endpoint. */
    async answer(request: AwsRequest): Promise<Done> {
      const [, kind, name = '', path = ''] = PATH.exec(request.url) ?? []
      const one = known.get(name)
      if (one === undefined) return jsonAnswer(404, { error: `No integration ${name}` })
      if (request.method !== 'POST') return jsonAnswer(405, { error: 'POST only' })
      if (kind === 'integrations') return post(one, request, path)
      if (one.tokens === undefined) return jsonAnswer(404, { error: `${name} has no OAuth` })
      return one.tokens.answer(request)
    },
    /** Invokes the Lambda function of that name. */
    async invoke(request: AwsRequest, name: string): Promise<Done> {
      const one = known.get(name)
      if (one === undefined) return lambdaError(404, 'ResourceNotFoundException')
      const qualifier = new URL(request.url, 'http://localhost').searchParams.get('Qualifier')
      const answer = await take(one, {
        path: '',
        ...(qualifier === null ? {} : { qualifier }),
        headers: request.headers,
        message: request.body.toString('utf8'),
      })
      if (answer.cut) return { cut: 'before' }
      return invocationAnswer(answer)
    },
  }
}

export type Integrations = ReturnType<typeof openIntegrations>
export type { IntegrationScript }

function invocationAnswer(answer: ScriptedAnswer): AwsAnswer {
  const { api_error, function_error, status, body, headers } = answer
  if (api_error !== undefined) return lambdaError(status ?? 429, api_error, { headers })
  const version = { 'x-amz-executed-version': '$LATEST' }
  if (function_error === undefined) return jsonAnswer(200, body, { ...version, ...headers })
  return jsonAnswer(
    200,
    { errorType: 'Error', errorMessage: 'The function failed.', ...function_error },
    { ...version, 'x-amz-function-error': 'Unhandled', ...headers }
  )
}

function typeOf(message: string): string | undefined {
  try {
    return String(JSON.parse(message).type)
  } catch {
    return undefined
  }
}

function responseTo(
  one: Integration,
  type: string | undefined,
  { fields, now }: { fields?: Record<string, unknown> | undefined; now: number }
): unknown {
  if (!type?.endsWith('_request')) return undefined
  return {
    type: type.replace(/request$/, 'response'),
    id: randomUUID(),
    timestamp_ms: now,
    firehose_version: '3.2.0',
    ...(type === 'module_registration_request' ? one.registration : {}),
    ...fields,
  }
}
