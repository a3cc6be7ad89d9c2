import type { Dirent } from 'node:fs'
import { opendir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { isDataFile, type Source, type SourceFile } from './files'

const statOf = async (path: string) => {
  try {
    return await stat(path)
  } catch (error) {
    throw new Error(`There is no folder ${path}, or it cannot be read.`, { cause: error })
  }
}

const pathOf = (entry: Dirent): string => join(entry.parentPath, entry.name)

const filesIn = async (folder: string): Promise<SourceFile[]> => {
  const files: SourceFile[] = []
  for await (const entry of await opendir(folder, { recursive: true })) {
    const name = pathOf(entry)
    const inside = relative(folder, name).replaceAll('\\', '/')
    if (!isDataFile(inside)) continue
    // A link to a file counts, a folder with a file's name does not.
    const known = await stat(name).catch(() => undefined)
    if (known?.isFile()) files.push({ name, bytes: known.size })
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** A folder with all it holds, or one file whatever its name. */
export const openFolder = async (path: string): Promise<Source> => {
  const known = await statOf(path)
  return {
    files: known.isFile() ? [{ name: path, bytes: known.size }] : await filesIn(path),
    fetch: async (files) => ({ paths: files.map(({ name }) => name), discard: async () => {} }),
  }
}
