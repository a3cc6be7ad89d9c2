import type { Feature } from '../core'
import { DEVICE } from '../envelope'
import { isSame } from '../same'
import { changeIdentities, readUser, USER, writeUser } from '../user'

/** Attributes of a user. `null` is a tag: an attribute without a value. */
export type UserAttributes = Record<string, string | number | boolean | null | string[]>

/**
 * Methods of the feature {@link people}. They change the user's attributes, for later events and
 * all tabs, and record each change as an event. Attributes that are not named stay.
 */
export interface People {
  /**
   * Sets attributes.
   *
   * @param attributes by name; `null` makes a tag
   * @example
   * weir.set({ plan: 'pro', colours: ['teal', 'sand'], 'beta tester': null })
   */
  set(attributes: UserAttributes): void
  /** Sets attributes that the user does not have yet. */
  setOnce(attributes: UserAttributes): void
  /**
   * Adds to numeric attributes. Other values count as 0.
   *
   * @example
   * weir.increment({ logins: 1 })
   */
  increment(amounts: Record<string, number>): void
  /** Appends entries to lists that do not contain them yet. */
  append(entries: Record<string, string | string[]>): void
  /** Removes entries from lists. */
  remove(entries: Record<string, string | string[]>): void
  /** Deletes attributes, here and in the profile on the server. */
  unset(...names: string[]): void
  /**
   * Removes all identities, attributes and consent. Later events belong to the device alone, as
   * before the first `identify`.
   */
  logout(): void
  /**
   * Starts as a new device: deletes the device id, identities, attributes and consent. Waiting
   * events are sent with the old ones. An opt-out stays.
   */
  reset(): void
}

const toList = (value: unknown): unknown[] => (value === undefined ? [] : [value].flat())

/** User attributes, logout and reset. */
export const people = (): Feature<People> => (core) => {
  const { store, record } = core
  const apply = <V>(values: Record<string, V>, next: (old: unknown, value: V) => unknown) => {
    const user = readUser(store)
    const known: Record<string, unknown> = { __proto__: null, ...user.user_attributes }
    const deleted = new Set(user.deleted_user_attributes)
    const changes: object[] = []
    for (const [name, value] of Object.entries(values)) {
      const old = known[name]
      const now = next(old, value)
      if (isSame(now, old)) continue
      known[name] = now
      deleted[now === undefined ? 'add' : 'delete'](name)
      changes.push({
        user_attribute_name: name,
        new: now ?? null,
        old: old ?? null,
        deleted: now === undefined,
        is_new_attribute: old === undefined,
      })
    }
    user.user_attributes = known
    user.deleted_user_attributes = [...deleted]
    if (changes[0]) writeUser(store, user)
    for (const change of changes) record('user_attribute_change', change)
  }

  return {
    set: (attributes) => apply(attributes, (old, value) => (value === undefined ? old : value)),
    setOnce: (attributes) => apply(attributes, (old, value) => (old === undefined ? value : old)),
    increment: (amounts) => apply(amounts, (old, amount) => (Number(old) || 0) + amount),
    append: (entries) =>
      apply(entries, (old, added) => [...new Set([...toList(old), ...toList(added)])]),
    remove: (entries) =>
      apply(
        entries,
        (old, removed) => old && toList(old).filter((entry) => !toList(removed).includes(entry))
      ),
    unset: (...names) => apply(Object.fromEntries(names.map((name) => [name, 0])), () => undefined),
    logout: () => {
      core.beforeUserChange()
      const { user_identities = {} } = readUser(store)
      for (const type in user_identities) user_identities[type] = null
      changeIdentities(core, user_identities)
      writeUser(store, { user_identities })
    },
    reset: () => {
      core.beforeUserChange(true)
      store.set(USER, '{}')
      store.set(DEVICE, '')
    },
  }
}
