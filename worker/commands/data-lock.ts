import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isAlive } from './processes'

/**
 * Marks a data folder as used by this process: two workers on the same Durable Objects would each
 * write over what the other one knows.
 *
 * @returns gives the folder free
 * @throws when a living process has it
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
