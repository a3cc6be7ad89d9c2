import { toHex } from '../base/hash'
import { hmac, importHmacKey } from '../base/hmac'
import { isSameSecret } from '../base/same-secret'
import type { ConfigKeys } from '../config/seal'

/** The content of the `state` parameter, which comes back with the callback (RFC 6749 §10.12). */
export interface AuthorizationState {
  output: string
  /** Valid once, as the output's authorization object knows it. */
  nonce: string
  expires_ms: number
}

const sign = async (text: string, configKey: string): Promise<string> =>
  toHex(await hmac(await importHmacKey(`oauth state ${configKey}`), text))

/** `<output>.<nonce>.<expires>.<signature>`: ids and nonces have no dots. */
export const writeState = async (
  { output, nonce, expires_ms }: AuthorizationState,
  configKey: string
): Promise<string> => {
  const text = `${output}.${nonce}.${expires_ms}`
  return `${text}.${await sign(text, configKey)}`
}

/** Reads a `state`; undefined when it is expired, or not signed by this deployment. */
export const readState = async (
  state: string,
  { current, previous }: ConfigKeys,
  now_ms: number
): Promise<AuthorizationState | undefined> => {
  const parts = /^(([^.]+)\.([^.]+)\.(\d{1,16}))\.([0-9a-f]{64})$/.exec(state) ?? []
  const [, text = '', output = '', nonce = '', expires = '', signature = ''] = parts
  const isSignedBy = async (key: string | undefined) =>
    key !== undefined && (await isSameSecret(signature, await sign(text, key)))
  if (!(await isSignedBy(current)) && !(await isSignedBy(previous))) return undefined
  const expires_ms = Number(expires)
  return expires_ms > now_ms ? { output, nonce, expires_ms } : undefined
}
