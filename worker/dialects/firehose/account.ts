import { isObject, type JsonObject, omit } from '../../base/json'
import { isSaid } from './fields'

/**
 * A message whose account has only its id: what it is configured to are its owner's keys, which
 * weir has no use for and must neither keep nor tell.
 */
export const withoutSettings = (message: JsonObject): JsonObject => {
  const id = isObject(message.account) ? message.account.account_id : undefined
  const rest = omit(message, ['account'])
  return isSaid(id) && typeof id !== 'object' ? { ...rest, account: { account_id: id } } : rest
}
