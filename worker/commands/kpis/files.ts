export interface SourceFile {
  name: string
  /** As stored, so before inflating. */
  bytes: number
}

/** Files on this machine's disk. */
export interface Fetched {
  paths: string[]
  /** Removes what was fetched only to be read. */
  discard: () => Promise<void>
}

/** Where weir wrote. */
export interface Source {
  files: SourceFile[]
  /** @param folder for what must be copied to be read */
  fetch: (files: SourceFile[], folder: string) => Promise<Fetched>
}

const extensions = /\.(txt|json|jsonl|ndjson)(\.gz)?$/i

/** Whether a file may be weir's: hidden folders are not, such as those of the local stand-in. */
export const isDataFile = (path: string): boolean =>
  extensions.test(path) && !path.split('/').some((part) => part.startsWith('.'))
