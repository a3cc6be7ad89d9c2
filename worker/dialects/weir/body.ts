import { isObject } from '../../base/json'
import { type DecodedBody, decodeBatch, parseBody } from '../batch-body'
import type { AliasRequest } from '../mparticle-web/alias'
import { decodeWeirAlias } from './alias'

/** An alias request has a text of its own, to be stored instead of the body. */
export type DecodedWeirBody = DecodedBody | { alias: AliasRequest; text: string }

/**
 * Decodes a body of weir's own SDK: one batch or one alias request.
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
