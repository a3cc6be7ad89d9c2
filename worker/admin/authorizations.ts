import { Hono } from 'hono'
import { getPath } from 'hono/utils/url'
import {
  authorizationUrl,
  configProblem,
  grantTypeOf,
  type OAuthConfig,
} from '../authorizations/oauth2'
import { openOAuthConfig } from '../authorizations/output-config'
import { writeState } from '../authorizations/state'
import { problem, RequestError } from '../base/problem'
import { pathBelowBase } from '../config/base-path'
import {
  type Bindings,
  configKeys,
  deploymentOf,
  objectsOf,
  requireSecret,
} from '../config/deployment'
import { readStored } from '../config/snapshot'
import type { Authorization, BegunAuthorization } from './answers/outputs'
import { type AdminContext, type AdminEnv, notFound } from './request'

interface OutputAuthorization {
  id: string
  /** Undefined: its integration needs no authorization. */
  config: OAuthConfig | undefined
}

const findOutput = async (env: Bindings, id: string): Promise<OutputAuthorization> => {
  const { file } = await readStored(env)
  const output = file.outputs.find((output) => output.id === id)
  if (!output) throw notFound('outputs', id)
  return { id, config: await openOAuthConfig(output, configKeys(env)) }
}

const authorizationOf = (env: Bindings, id: string) => objectsOf(env).AUTHORIZATION.getByName(id)

const refuse = (code: string, id: string, message: string): RequestError =>
  new RequestError(422, [problem(code, `outputs.${id}`, message)])

/** Below the same base path as the request, so that the callback reaches this worker. */
const redirectUri = ({ env, req }: AdminContext): string => {
  const path = getPath(req.raw)
  const base = path.slice(0, path.length - pathBelowBase(req.raw, { env }).length)
  return new URL(`${base}/oauth/callback`, req.url).href
}

const authorizationStatus = async (
  context: AdminContext,
  { id, config }: OutputAuthorization
): Promise<Authorization> => {
  if (!config) return { status: 'not_needed' }
  const grant_type = grantTypeOf(config)
  return {
    ...(await authorizationOf(context.env, id).status(config)),
    grant_type,
    ...(grant_type === 'authorization_code' ? { redirect_uri: redirectUri(context) } : {}),
  }
}

const beginAuthorization = async (
  context: AdminContext,
  id: string,
  config: OAuthConfig
): Promise<BegunAuthorization> => {
  const { env } = context
  const redirect_uri = redirectUri(context)
  const { nonce, expires_ms } = await authorizationOf(env, id).begin(config, redirect_uri)
  const state = await writeState(
    { output: id, nonce, expires_ms },
    requireSecret(env, 'CONFIG_KEY')
  )
  const authorization_url = authorizationUrl(config, { redirect_uri, state })
  return { authorization_url, redirect_uri, expires_ms }
}

export const authorizationRoutes = new Hono<AdminEnv>()

authorizationRoutes.use('/outputs/:id/authorization', async (context, next) => {
  await next()
  context.header('cache-control', 'no-store')
})

authorizationRoutes.get('/outputs/:id/authorization', async (context) => {
  const output = await findOutput(context.env, context.req.param('id'))
  return context.json(await authorizationStatus(context, output))
})

authorizationRoutes.post('/outputs/:id/authorization', async (context) => {
  const { env, req } = context
  const output = await findOutput(env, req.param('id'))
  const { id, config } = output
  if (!config) {
    throw refuse('not_needed', id, `The integration of ${id} needs no authorization.`)
  }
  const wrong = configProblem(config, deploymentOf(env).allowsCustomEndpoints)
  if (wrong) throw refuse('invalid', id, wrong)
  if (grantTypeOf(config) === 'authorization_code') {
    return context.json(await beginAuthorization(context, id, config))
  }
  const renewed = await authorizationOf(env, id).renew(config)
  if (renewed.ok) return context.json(await authorizationStatus(context, output))
  const { outcome } = renewed
  throw refuse('authorization_failed', id, 'reason' in outcome ? outcome.reason : '')
})

authorizationRoutes.delete('/outputs/:id/authorization', async ({ env, req, body }) => {
  const { id } = await findOutput(env, req.param('id'))
  await authorizationOf(env, id).forget()
  return body(null, 204)
})
