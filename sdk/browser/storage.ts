import { warn } from './warn'

/** Strings by name, kept for one input key. Never throws. */
export interface Store {
  /** `localStorage` first: another tab may have written since. */
  get(name: string): string | undefined
  /** @returns whether the value is in `localStorage`, not in memory alone */
  set(name: string, value: string): boolean
  /** Keeps the value in memory alone. */
  hold(name: string, value: string): void
  remove(name: string): void
  /** Sorted names in `localStorage` that begin with `start`. */
  names(start: string): string[]
}

export const createStore = (key: string): Store => {
  const prefix = `weir:${encodeURIComponent(key)}:`
  // Pages call localStorage.clear(), on logout for instance; what this page wrote must outlive that.
  const memory = new Map<string, string>()
  let isWarned = false

  // The mere mention of localStorage throws when the user blocks site data, setItem when it is full.
  const onDisk = <T>(use: (disk: Storage) => T): T | undefined => {
    try {
      return use(localStorage)
    } catch (error) {
      if (!isWarned) warn('storage failed, using memory', error)
      isWarned = true
      return undefined
    }
  }

  return {
    get: (name) => onDisk((disk) => disk.getItem(prefix + name)) ?? memory.get(name),
    set: (name, value) => {
      memory.set(name, value)
      return !!onDisk((disk) => {
        disk.setItem(prefix + name, value)
        return true
      })
    },
    hold: (name, value) => {
      memory.set(name, value)
    },
    remove: (name) => {
      memory.delete(name)
      onDisk((disk) => disk.removeItem(prefix + name))
    },
    names: (start) =>
      (onDisk((disk) => Object.keys(disk)) ?? [])
        .filter((name) => name.startsWith(prefix + start))
        .map((name) => name.slice(prefix.length))
        .sort(),
  }
}
