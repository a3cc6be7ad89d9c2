import { isObject } from '../../base/json'
import { type DecodedBody, decodeBatch, parseBody } from '../batch-body'
import type { AliasRequest } from '../mparticle-web/alias'
import { decodeWeirAlias } from './alias'

/** An alias request comes with the text that is to be stored instead of the body's. */
export type DecodedWeirBody = DecodedBody | { alias: AliasRequest; text: string }

/**
 * Decodes what weir's own SDK posted: one batch, or one alias request.
 *
 * @param now the time of receipt, ms
 */
export const decodeWeirBody = async (
  text: string,
  now: number,
  identityKey: () => string
): Promise<DecodedWeirBody> => {
  const body = parseBody(text)
  if (!body.ok) return body
  const { value } = body
  if (!isObject(value) || value.request_type !== 'alias') return decodeBatch(value)
  const decoded = await decodeWeirAlias(value, now, identityKey)
  return decoded.ok ? decoded.value : decoded
}
