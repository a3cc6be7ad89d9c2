import type { AwsAnswer, AwsRequest } from '../../../worker/commands/aws/request'
import { type ScriptedOAuth, takeAnswer } from './integration-script'
import { jsonAnswer } from './json-answer'

export interface TokenRequest {
  form: Record<string, string>
  headers: Record<string, string>
}

/**
 * The token endpoint of an integration. It hands out `access-NAME-1`, `access-NAME-2` …, each of
 * which voids the one before, and refresh tokens that are good for one use.
 */
export function openTokens(name: string, script: ScriptedOAuth, before?: Tokens): Tokens {
  const requests = before?.requests ?? []
  let count = before?.count() ?? 0
  let access: string | undefined
  let refresh = before?.refresh()

  const grant = (form: Record<string, string>): AwsAnswer => {
    const isRefresh = form.grant_type === 'refresh_token'
    if (isRefresh && (refresh === undefined || form.refresh_token !== refresh)) {
      return jsonAnswer(400, { error: 'invalid_grant' })
    }
    count += 1
    access = `access-${name}-${count}`
    refresh = form.grant_type === 'client_credentials' ? undefined : `refresh-${name}-${count}`
    return jsonAnswer(200, {
      access_token: access,
      token_type: 'Bearer',
      ...(refresh === undefined ? {} : { refresh_token: refresh }),
      ...(script.expires_in === undefined ? {} : { expires_in: script.expires_in }),
    })
  }

  return {
    requests,
    count: () => count,
    refresh: () => refresh,
    accepts(headers) {
      if (access === undefined) return false
      const header = script.header?.toLowerCase() ?? 'authorization'
      return headers[header] === (header === 'authorization' ? `Bearer ${access}` : access)
    },
    answer(request) {
      const form = Object.fromEntries(new URLSearchParams(request.body.toString('utf8')))
      requests.push({ form, headers: request.headers })
      const scripted = takeAnswer(script.answers)
      if (scripted === undefined) return grant(form)
      return jsonAnswer(scripted.status ?? 200, scripted.body ?? {}, scripted.headers)
    },
  }
}

export interface Tokens {
  requests: TokenRequest[]
  count(): number
  refresh(): string | undefined
  accepts(headers: Record<string, string>): boolean
  answer(request: AwsRequest): AwsAnswer
}

/** Whether a message has the token that the integration asks for. */
export function isAuthorized(
  { token, tokens }: { token?: string; tokens?: Tokens },
  headers: Record<string, string>
): boolean {
  if (tokens !== undefined) return tokens.accepts(headers)
  return token === undefined || headers.authorization === `Token ${token}`
}
