import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isAlive } from './processes'

/**
 * Locks a data folder: two workers on the same Durable Objects would overwrite each other's data.
 *
 * @returns a function that releases the folder
 * @throws Error when a living process has locked it
 */
export const lockFolder = (folder: string): (() => void) => {
  const file = `${folder}/pid`
  const owner = ownerOf(file)
  if (owner !== undefined && owner !== process.pid && isAlive(owner)) {
    throw new Error(`${folder} is in use by process ${owner}. Stop that or set WEIR_DATA.`)
  }
  writeFileSync(file, String(process.pid))
  return () => {
    if (ownerOf(file) === process.pid) rmSync(file, { force: true })
  }
}

const ownerOf = (file: string): number | undefined => {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined
  } catch {
    return undefined
  }
}
