import { warn } from './warn'

/** Strings by name, kept for one input key and shared by all tabs. Never throws. */
export interface State {
  /** `localStorage` first: another tab may have written since. */
  get(name: string): string | undefined
  /** Keeps the value, in memory alone where it must be. */
  set(name: string, value: string): void
}

/** The same, and what lies in `localStorage` alone. */
export interface Store extends State {
  /** Writes to `localStorage` alone. @returns `true` if that worked */
  write(name: string, value: string): true | undefined
  /** Says once that `localStorage` is full. */
  refuse(): undefined
  /** Takes away what was written. */
  erase(name: string): void
  /** Sorted names in `localStorage` that begin with `start`. */
  names(start: string): string[]
}

export const createStore = (key: string): Store => {
  const prefix = `weir:${key}:`
  // Pages call localStorage.clear(), on logout for instance; what this page set must outlive that.
  const memory = new Map<string, string>()
  let isWarned = false

  // The mere mention of localStorage throws when the user blocks site data, setItem when it is full.
  const onDisk = <T>(use: (disk: Storage) => T): T | undefined => {
    try {
      return use(localStorage)
    } catch (error) {
      if (!isWarned) warn('memory only', error)
      isWarned = true
      return undefined
    }
  }
  const write = (name: string, value: string) =>
    onDisk((disk) => {
      disk.setItem(prefix + name, value)
      return true as const
    })

  return {
    get: (name) => onDisk((disk) => disk.getItem(prefix + name)) ?? memory.get(name),
    set: (name, value) => {
      memory.set(name, value)
      write(name, value)
    },
    write,
    refuse: () =>
      onDisk(() => {
        throw RangeError('too large')
      }),
    erase: (name) => onDisk((disk) => disk.removeItem(prefix + name)),
    names: (start) =>
      onDisk((disk) =>
        Object.keys(disk)
          .filter((name) => name.startsWith(prefix + start))
          .map((name) => name.slice(prefix.length))
          .sort()
      ) ?? [],
  }
}
