export interface SourceFile {
  name: string
  /** As stored, before inflating. */
  bytes: number
}

/** Files on this machine's disk. */
export interface Fetched {
  paths: string[]
  /** Removes temporary copies. */
  discard: () => Promise<void>
}

/** A place with files that weir wrote. */
export interface Source {
  files: SourceFile[]
  /** @param folder for copies of files that cannot be read in place */
  fetch: (files: SourceFile[], folder: string) => Promise<Fetched>
}

const extensions = /\.(txt|json|jsonl|ndjson)(\.gz)?$/i

/** Whether a file may be weir's: files in hidden folders, as the local stand-in has, are not. */
export const isDataFile = (path: string): boolean =>
  extensions.test(path) && !path.split('/').some((part) => part.startsWith('.'))
