import { warn } from './warn'

/** Stored strings of one input key, by name, shared by all tabs. Never throws. */
export interface State {
  /** Reads `localStorage` first: another tab may have written. */
  get(name: string): string | undefined
  /** Stores the value; in memory only if `localStorage` is full or blocked. */
  set(name: string, value: string): void
}

/** Also gives access to `localStorage` without the copy in memory. */
export interface Store extends State {
  /** Writes to `localStorage` only. @returns `true` on success */
  write(name: string, value: string): true | undefined
  /** Warns, once, that `localStorage` is full. */
  refuse(): undefined
  /** Removes the entry from `localStorage`. */
  erase(name: string): void
  /** The names in `localStorage` that begin with `start`, sorted. */
  names(start: string): string[]
}

export const createStore = (key: string): Store => {
  const prefix = `weir:${key}:`
  // The page may call localStorage.clear(), on logout for instance: values of this page survive
  // that.
  const memory = new Map<string, string>()
  let isWarned = false

  // Access to localStorage throws when the user blocks site data, setItem when it is full.
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
