import type { Context } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { tokenNamed } from '../../admin/access/tokens'
import { toHex } from '../../base/hash'
import { hmac, importHmacKey } from '../../base/hmac'
import { isSameSecret } from '../../base/same-secret'
import { type Bindings, requireSecret } from '../../config/deployment'
import type { ConsoleEnv } from '../env'
import { rootOf } from '../root'

const cookieName = 'weir_session'
const sessionSeconds = 12 * 3600

interface Claims {
  who: string
  expires_ms: number
}

// The token is part of what is signed, so replacing a token ends its sessions.
const signatureOf = async (env: Bindings, { who, expires_ms }: Claims, token: string) => {
  const key = await importHmacKey(`console session ${requireSecret(env, 'CONFIG_KEY')}`)
  return toHex(await hmac(key, JSON.stringify([who, expires_ms, token])))
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host)

// Browsers do not store `Secure` cookies without TLS, which `npm start` does not have.
const isSecure = (url: string): boolean => {
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || !isLoopback(hostname)
}

const scopeOf = ({ req, env }: Context<ConsoleEnv>) => ({
  path: rootOf(req.raw, env),
  secure: isSecure(req.url),
})

/** Starts a session for the holder of a token. */
export const writeSession = async (
  context: Context<ConsoleEnv>,
  who: string,
  token: string
): Promise<void> => {
  const expires_ms = Date.now() + sessionSeconds * 1000
  const signature = await signatureOf(context.env, { who, expires_ms }, token)
  setCookie(context, cookieName, `${who}.${expires_ms}.${signature}`, {
    ...scopeOf(context),
    httpOnly: true,
    sameSite: 'Strict',
    maxAge: sessionSeconds,
  })
}

/** The name of the signed-in token; undefined without a session, or when it has ended. */
export const readSession = async (context: Context<ConsoleEnv>): Promise<string | undefined> => {
  const [who = '', expires = '', signature = ''] = getCookie(context, cookieName)?.split('.') ?? []
  const expires_ms = Number(expires)
  if (!(expires_ms > Date.now())) return undefined
  const token = tokenNamed(context.env, who)
  if (token === undefined) return undefined
  const expected = await signatureOf(context.env, { who, expires_ms }, token)
  return (await isSameSecret(signature, expected)) ? who : undefined
}

export const endSession = (context: Context<ConsoleEnv>): void => {
  deleteCookie(context, cookieName, scopeOf(context))
}
