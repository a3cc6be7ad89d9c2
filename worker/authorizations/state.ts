import { toHex } from '../base/hash'
import { hmac, importHmacKey } from '../base/hmac'
import { isSameSecret } from '../base/same-secret'
import type { ConfigKeys } from '../config/seal'

/** What the `state` of an authorization carries to the callback. */
export interface AuthorizationState {
  output: string
  /** Known to the output's authorization object, which takes it once. */
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

/** Undefined when this deployment did not write it, or it has expired. */
export const readState = async (
  state: string,
  { current, previous }: ConfigKeys,
  now_ms: number
): Promise<AuthorizationState | undefined> => {
  const parts = /^(([^.]+)\.([^.]+)\.(\d{1,16}))\.([0-9a-f]{64})$/.exec(state) ?? []
  const [, text = '', output = '', nonce = '', expires = '', signature = ''] = parts
  const signed = async (key: string | undefined) =>
    key !== undefined && (await isSameSecret(signature, await sign(text, key)))
  if (!(await signed(current)) && !(await signed(previous))) return undefined
  const expires_ms = Number(expires)
  return expires_ms > now_ms ? { output, nonce, expires_ms } : undefined
}
