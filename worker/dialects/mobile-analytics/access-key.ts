import { type Refusal, refusal } from './refusal'

/** What decides whether an access key is active. */
export interface KeyState {
  enabled: boolean
  /** ISO 8601. */
  expires?: string | undefined
}

/** Why an access key may not be used; undefined when it may. */
export const keyRefusal = ({ enabled, expires }: KeyState, now: number): Refusal | undefined => {
  if (!enabled) return refusal('UnrecognizedClientException', 'The access key is disabled.')
  if (expires !== undefined && Date.parse(expires) <= now) {
    return refusal('ExpiredTokenException', `The access key expired at ${expires}.`)
  }
  return undefined
}
