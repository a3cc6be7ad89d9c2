import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import type { OAuth2Authentication } from '../../sdk/firehose/registration'
import type { OAuthConfig } from '../../worker/authorizations/oauth2'
import { sealSecrets } from '../../worker/config/secrets'
import { emptyWorkspace } from '../../worker/config/workspace-file'

/** A request to a token server as it left. */
export interface TokenCall {
  url: string
  headers: Record<string, string>
  form: Record<string, string>
  redirect: string
}

/** Scripts token servers: what they answer to each call. The calls are recorded. */
export const scriptTokenServer = (
  answer: (call: TokenCall, count: number) => Response | Promise<Response>
): TokenCall[] => {
  const calls: TokenCall[] = []
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const request = new Request(input, init)
    const { url, headers, redirect } = request
    const body = new TextDecoder().decode(await request.arrayBuffer())
    const form = Object.fromEntries(new URLSearchParams(body))
    const call = { url, headers: Object.fromEntries(headers), form, redirect }
    calls.push(call)
    return answer(call, calls.length)
  })
  return calls
}

/** The `count`th tokens of a server that rotates them. */
export const issued = (count: number, fields: Record<string, unknown> = {}): Response =>
  Response.json({
    access_token: `access-token-${count}`,
    refresh_token: `refresh-token-${count}`,
    token_type: 'bearer',
    expires_in: 3600,
    ...fields,
  })

export const tokenError = (error: string, status = 400, description = ''): Response =>
  Response.json({ error, error_description: description }, { status })

export const authentication: OAuth2Authentication = {
  type: 'oauth2',
  authorization_url: 'https://login.example.com/authorize?tenant=a',
  token_url: 'https://login.example.com/token',
}

export const clientSecret = 'client-secret-value'

export const oauthConfig = (
  fields: Partial<OAuth2Authentication> = {},
  client: Partial<OAuthConfig> = {}
): OAuthConfig => ({
  authentication: { ...authentication, ...fields },
  client_id: 'weir-client',
  client_secret: clientSecret,
  ...client,
})

export const byCredentials = oauthConfig({ grant_type: 'client_credentials' })

/** Stores a workspace of one output, whose integration registered this, unless it is to be none. */
export const storeOutput = async (
  id: string,
  { authentication }: Partial<OAuthConfig>,
  settings: Record<string, unknown> = {}
): Promise<void> => {
  const workspace = env.WORKSPACE.getByName('workspace')
  const { version } = await workspace.current()
  const given = { oauth_client_id: 'weir-client', oauth_client_secret: clientSecret, ...settings }
  const registration = {
    name: 'Acme <b>& Co</b>',
    version: '1',
    event_processing_registration: authentication ? { authentication } : {},
  }
  const output = { id, name: '', kind: 'firehose' as const, settings: given, registration }
  const file = await sealSecrets({ ...emptyWorkspace(), outputs: [output] }, 'test-config-key')
  await workspace.store(JSON.stringify(file), version, { by: '', note: '' })
}
