import type { Feature } from '../core'
import { DEVICE } from '../envelope'
import { isSame } from '../same'
import { changeIdentities, readUser, USER, writeUser } from '../user'

/** Attributes of the user. `null` is a tag: an attribute without a value. */
export type UserAttributes = Record<string, string | number | boolean | null | string[]>

/**
 * Methods of the feature {@link people}: attributes of the user, from here on and in all tabs. Each
 * that changes is recorded, those left out stay.
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
  /** Sets those that are not there yet. */
  setOnce(attributes: UserAttributes): void
  /**
   * Adds to numbers. What is no number yet counts as 0.
   *
   * @example
   * weir.increment({ logins: 1 })
   */
  increment(amounts: Record<string, number>): void
  /** Adds to the end of lists what they do not have yet. */
  append(entries: Record<string, string | string[]>): void
  /** Takes entries out of lists. */
  remove(entries: Record<string, string | string[]>): void
  /** Forgets attributes, here and in the profile. */
  unset(...names: string[]): void
  /**
   * Takes all identities away and forgets attributes and consent. What comes next belongs to the
   * device, as before the first `identify`.
   */
  logout(): void
  /**
   * Begins anew as a device never seen before: forgets device, identities, attributes and consent.
   * What is waiting is sent as what it was. An opt-out stays.
   */
  reset(): void
}

const toList = (value: unknown): unknown[] => (value === undefined ? [] : [value].flat())

/** User attributes, and users who leave. */
export const people = (): Feature<People> => (core) => {
  const { store, record } = core
  const apply = <V>(given: Record<string, V>, next: (old: unknown, given: V) => unknown) => {
    const user = readUser(store)
    const known: Record<string, unknown> = { __proto__: null, ...user.user_attributes }
    const deleted = new Set(user.deleted_user_attributes)
    const changes: object[] = []
    for (const [name, value] of Object.entries(given)) {
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
    set: (attributes) => apply(attributes, (old, given) => (given === undefined ? old : given)),
    setOnce: (attributes) => apply(attributes, (old, given) => (old === undefined ? given : old)),
    increment: (amounts) => apply(amounts, (old, given) => (Number(old) || 0) + given),
    append: (entries) =>
      apply(entries, (old, given) => [...new Set([...toList(old), ...toList(given)])]),
    remove: (entries) =>
      apply(
        entries,
        (old, given) => old && toList(old).filter((entry) => !toList(given).includes(entry))
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
