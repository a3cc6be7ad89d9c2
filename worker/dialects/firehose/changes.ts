import { isObject, type Json, type JsonObject, own } from '../../base/json'
import { set } from './fields'
import { identityNames, readIdentity } from './identities'

// One event of a message may hold several changes; the batch has one event for each.

/** The data of one event per changed attribute; `new` is null when it was removed. */
export const attributeChanges = ({ added, removed, ...rest }: JsonObject): JsonObject[] => {
  const isMap = (value: Json | undefined): boolean =>
    value === undefined || value === null || isObject(value)
  const after = isObject(added) ? added : {}
  const before = isObject(removed) ? removed : {}
  const names = new Set([...Object.keys(after), ...Object.keys(before)])
  if (!isMap(added) || !isMap(removed) || names.size === 0) {
    return [set({ ...rest, added, removed })]
  }
  return [...names].map((user_attribute_name) => {
    const isSet = Object.hasOwn(after, user_attribute_name)
    return {
      ...rest,
      user_attribute_name,
      new: own(after, user_attribute_name) ?? null,
      old: own(before, user_attribute_name) ?? null,
      deleted: !isSet,
      is_new_attribute: isSet && !Object.hasOwn(before, user_attribute_name),
    }
  })
}

interface ChangedIdentity {
  type: string
  /** As the event has it, in `new` or `old`. */
  data: JsonObject
}

// A hashed identity has its encoding and no `identity`.
const readChanged = (value: Json): ChangedIdentity | undefined => {
  const identity = readIdentity(value, identityNames.user)
  if (!identity) return undefined
  const { name, encoding } = identity
  const data =
    encoding === 'raw' ? { identity: identity.value } : { encoding, value: identity.value }
  return { type: name, data: { identity_type: name, ...data } }
}

/** Undefined when the list or an entry of it is invalid. */
const readChangedList = (list: Json | undefined): ChangedIdentity[] | undefined => {
  if (!Array.isArray(list)) return list ? undefined : []
  const identities = list.map(readChanged)
  return identities.every((identity) => identity !== undefined) ? identities : undefined
}

/** The data of one event per changed identity: the new one, and the old one of its type. */
export const identityChanges = ({ added, removed, ...rest }: JsonObject): JsonObject[] => {
  const [after, before] = [readChangedList(added), readChangedList(removed)]
  if (!after || !before || after.length + before.length === 0) {
    return [set({ ...rest, added, removed })]
  }
  const unmatched = [...before]
  const changes = after.map(({ type, data }) => {
    const at = unmatched.findIndex((old) => old.type === type)
    const [old] = at < 0 ? [] : unmatched.splice(at, 1)
    return { ...rest, new: data, old: old?.data ?? null }
  })
  return [...changes, ...unmatched.map(({ data }) => ({ ...rest, new: null, old: data }))]
}
