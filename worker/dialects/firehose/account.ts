import { isObject, type JsonObject, omit } from '../../base/json'
import { isFilled } from './fields'

/**
 * A message whose account has only its id. The account's settings may be credentials of its owner,
 * which weir does not need and must not store or log.
 */
export const withoutSettings = (message: JsonObject): JsonObject => {
  const id = isObject(message.account) ? message.account.account_id : undefined
  const rest = omit(message, ['account'])
  return isFilled(id) && typeof id !== 'object' ? { ...rest, account: { account_id: id } } : rest
}
