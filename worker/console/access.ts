import { verifyWithJwks } from 'hono/jwt'
import { isObject } from '../base/json'
import { log } from '../base/log'
import { problem, RequestError } from '../base/problem'
import type { Bindings } from '../config/deployment'
import { accessKeys } from './access-keys'

/** An application of Cloudflare Access that stands before the console. */
export interface Access {
  /** `https://acme.cloudflareaccess.com`; who its tokens are issued by. */
  team: string
  /** The application's audience tag. */
  audience: string
}

/** Undefined where the deployment has none: people sign in with admin tokens then. */
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
 * The e-mail address that an assertion of Access vouches for; undefined when it is not to be believed.
 *
 * @throws RequestError 503 when nobody can tell
 */
export const readAssertion = async (
  access: Access,
  token: string | undefined
): Promise<string | undefined> => {
  if (token === undefined) return undefined
  try {
    const claims = await verified(access, token)
    // Without a time of expiry it would hold for ever.
    if (!isObject(claims) || typeof claims.exp !== 'number') return undefined
    return typeof claims.email === 'string' && claims.email !== '' ? claims.email : undefined
  } catch (error) {
    if (error instanceof RequestError) throw error
    // Its message may quote the whole assertion.
    const reason = error instanceof Error ? error.name : 'unknown'
    log('warn', 'An assertion of Cloudflare Access was not accepted.', { reason })
    return undefined
  }
}
