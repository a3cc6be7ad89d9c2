import { verifyWithJwks } from 'hono/jwt'
import { isObject } from '../../base/json'
import { log } from '../../base/log'
import { problem, RequestError } from '../../base/problem'
import type { Bindings } from '../../config/deployment'
import { accessKeys } from './access-keys'

/** The application of Cloudflare Access that protects the console. */
export interface Access {
  /** `https://acme.cloudflareaccess.com`; the issuer of its tokens. */
  team: string
  /** The application's audience tag. */
  audience: string
}

/** Undefined where the deployment uses none: then people sign in with admin tokens. */
export const accessOf = (env: Bindings): Access | undefined => {
  const { ACCESS_TEAM_DOMAIN: domain = '', ACCESS_AUD: audience = '' } = env
  if (domain === '' && audience === '') return undefined
  if (domain === '' || audience === '') {
    const name = domain === '' ? 'ACCESS_TEAM_DOMAIN' : 'ACCESS_AUD'
    const message = `The deployment lacks the variable ${name}: both or none of ACCESS_TEAM_DOMAIN and ACCESS_AUD must be set.`
    throw new RequestError(503, [problem('missing_variable', name, message)])
  }
  const host = domain.replace(/\/+$/, '')
  return { team: /^https?:\/\//.test(host) ? host : `https://${host}`, audience }
}

const verified = async ({ team, audience }: Access, token: string): Promise<unknown> => {
  const keys = await accessKeys(team, token)
  return verifyWithJwks(token, {
    keys,
    allowedAlgorithms: ['RS256'],
    verification: { iss: team, aud: audience },
  })
}

/**
 * The e-mail address in an assertion of Access; undefined when the assertion is missing or invalid.
 *
 * @throws RequestError 503 when the keys of Access cannot be fetched
 */
export const readAssertion = async (
  access: Access,
  token: string | undefined
): Promise<string | undefined> => {
  if (token === undefined) return undefined
  try {
    const claims = await verified(access, token)
    // Without an expiry it would be valid for ever.
    if (!isObject(claims) || typeof claims.exp !== 'number') return undefined
    return typeof claims.email === 'string' && claims.email !== '' ? claims.email : undefined
  } catch (error) {
    if (error instanceof RequestError) throw error
    // The error's message may quote the whole assertion.
    const reason = error instanceof Error ? error.name : 'unknown'
    log('warn', 'An assertion of Cloudflare Access was not accepted.', { reason })
    return undefined
  }
}
