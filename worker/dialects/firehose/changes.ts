import { isObject, type Json, type JsonObject, own } from '../../base/json'
import { set } from './fields'
import { identityNames, readIdentity } from './identities'

// A message tells several changes in one event, and the batch has an event for each.

/** The data of each attribute that changed. Only its new value, or none: it was removed. */
export const attributeChanges = ({ added, removed, ...rest }: JsonObject): JsonObject[] => {
  const isRead = [added, removed].every((one) => one === undefined || one === null || isObject(one))
  const [after, before] = [added, removed].map((one) => (isObject(one) ? one : {}))
  const names = new Set([...Object.keys(after ?? {}), ...Object.keys(before ?? {})])
  if (!isRead || names.size === 0) return [set({ ...rest, added, removed })]
  return [...names].map((user_attribute_name) => {
    const isSet = Object.hasOwn(after ?? {}, user_attribute_name)
    return {
      ...rest,
      user_attribute_name,
      new: own(after ?? {}, user_attribute_name) ?? null,
      old: own(before ?? {}, user_attribute_name) ?? null,
      deleted: !isSet,
      is_new_attribute: isSet && !Object.hasOwn(before ?? {}, user_attribute_name),
    }
  })
}

interface Changed {
  type: string
  told: JsonObject
}

// A hash is told with its encoding, and not as an identity.
const readChanged = (value: Json): Changed | undefined => {
  const identity = readIdentity(value, identityNames.user)
  if (!identity) return undefined
  const { name, encoding } = identity
  const told =
    encoding === 'raw' ? { identity: identity.value } : { encoding, value: identity.value }
  return { type: name, told: { identity_type: name, ...told } }
}

/** The data of each identity that changed: a new one with the old one of its type, if there is. */
export const identityChanges = ({ added, removed, ...rest }: JsonObject): JsonObject[] => {
  const read = (list: Json | undefined): (Changed | undefined)[] =>
    Array.isArray(list) ? list.map(readChanged) : list ? [undefined] : []
  const [after, before] = [read(added), read(removed)]
  const isRead = [...after, ...before].every((one) => one !== undefined)
  if (!isRead || after.length + before.length === 0) return [set({ ...rest, added, removed })]
  const left = before.filter((one) => one !== undefined)
  const changes = after.flatMap((one) => {
    if (!one) return []
    const at = left.findIndex(({ type }) => type === one.type)
    const [old] = at < 0 ? [] : left.splice(at, 1)
    return [{ ...rest, new: one.told, old: old?.told ?? null }]
  })
  return [...changes, ...left.map((one) => ({ ...rest, new: null, old: one.told }))]
}
