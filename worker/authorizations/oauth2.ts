import type { OAuth2Authentication } from '../../sdk/firehose/registration'
import { parseUrl } from '../base/url'

/**
 * The client credentials and addresses with which weir requests the access tokens of one output.
 */
export interface OAuthConfig {
  /** As the integration registered it. */
  authentication: OAuth2Authentication
  /** Empty when neither the output nor the registration has one. */
  client_id: string
  client_secret: string | undefined
}

/** The grant of a token request (RFC 6749 §4.1.3, §4.4.2, §6). */
export type Grant =
  | { grant_type: 'authorization_code'; code: string; redirect_uri: string }
  | { grant_type: 'client_credentials' }
  | { grant_type: 'refresh_token'; refresh_token: string }

export interface TokenRequest {
  url: string
  /** Form-encoded. */
  body: string
  /** Must not be shown when the server's answer quotes the request. */
  secrets: string[]
}

export const grantTypeOf = ({ authentication }: OAuthConfig) =>
  authentication.grant_type ?? 'authorization_code'

const scopesOf = ({ authentication }: OAuthConfig): Record<string, string> => {
  const scope = (authentication.scopes ?? []).map(({ name }) => name).join(' ')
  return scope === '' ? {} : { scope }
}

const clientIdOf = ({ authentication, client_id }: OAuthConfig): Record<string, string> => ({
  [authentication.param_client_id_name || 'client_id']: client_id,
})

const clientSecretOf = ({ authentication, client_secret }: OAuthConfig): Record<string, string> =>
  client_secret ? { [authentication.param_secret_name || 'client_secret']: client_secret } : {}

/**
 * The page on which the owner of an output's account authorizes weir (RFC 6749 §4.1.1).
 *
 * @throws TypeError when the registered URL is invalid, which `configProblem` checks
 */
export const authorizationUrl = (
  config: OAuthConfig,
  { redirect_uri, state }: { redirect_uri: string; state: string }
): string => {
  const url = new URL(config.authentication.authorization_url)
  const parameters = {
    ...clientIdOf(config),
    response_type: 'code',
    redirect_uri,
    ...scopesOf(config),
    state,
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  url.hash = ''
  return url.href
}

const secretsOf = (grant: Grant): string[] => {
  if (grant.grant_type === 'authorization_code') return [grant.code]
  return grant.grant_type === 'refresh_token' ? [grant.refresh_token] : []
}

const tokenUrl = ({ authentication }: OAuthConfig, grant: Grant['grant_type']): string =>
  grant === 'refresh_token'
    ? authentication.refresh_url || authentication.token_url
    : authentication.token_url

export const tokenRequest = (config: OAuthConfig, grant: Grant): TokenRequest => ({
  url: tokenUrl(config, grant.grant_type),
  body: new URLSearchParams({
    ...clientIdOf(config),
    ...clientSecretOf(config),
    ...(grant.grant_type === 'client_credentials' ? scopesOf(config) : {}),
    ...grant,
  }).toString(),
  secrets: [...(config.client_secret ? [config.client_secret] : []), ...secretsOf(grant)],
})

const urlProblem = (name: string, text: string, allowsHttp: boolean): string | undefined => {
  const url = parseUrl(text)
  const isSafe = url?.protocol === 'https:' || (allowsHttp && url?.protocol === 'http:')
  if (isSafe && !url?.username && !url?.password) return undefined
  return `The integration registered a ${name} that is not an https URL.`
}

/** Why weir cannot request tokens with a configuration; undefined when it can. */
export const configProblem = (config: OAuthConfig, allowsHttp: boolean): string | undefined => {
  if (config.client_id === '') return 'The output has no client id: set its oauth_client_id.'
  const { authorization_url, token_url, refresh_url } = config.authentication
  const urls = [
    ...(grantTypeOf(config) === 'authorization_code'
      ? [['authorization_url', authorization_url] as const]
      : []),
    ['token_url', token_url] as const,
    ...(refresh_url ? [['refresh_url', refresh_url] as const] : []),
  ]
  return urls.map(([name, url]) => urlProblem(name, url, allowsHttp)).find(Boolean)
}
