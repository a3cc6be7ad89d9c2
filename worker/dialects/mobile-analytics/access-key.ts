import { type Refusal, refusal } from './refusal'

/** What decides whether an access key may be used; its secret decides whether it is. */
export interface KeyState {
  enabled: boolean
  /** ISO 8601. */
  expires?: string | undefined
}

/** @param now ms */
export const keyRefusal = ({ enabled, expires }: KeyState, now: number): Refusal | undefined => {
  if (!enabled) return refusal('UnrecognizedClientException', 'The access key is disabled.')
  if (expires !== undefined && Date.parse(expires) <= now) {
    return refusal('ExpiredTokenException', `The access key expired at ${expires}.`)
  }
  return undefined
}
