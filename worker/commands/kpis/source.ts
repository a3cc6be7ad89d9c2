import { openBucket } from './bucket'
import type { Source } from './files'
import { openFolder } from './folder'
import type { LakeEnvironment } from './lake'

/** @throws Error with a message for the user when there is nothing to read. */
export const openSource = async (text: string, env: LakeEnvironment): Promise<Source> => {
  const source = text.startsWith('s3://') ? await openBucket(text, env) : await openFolder(text)
  if (source.files.length > 0) return source
  throw new Error(`${text} has no files that weir writes: .txt or .json, with .gz or without.`)
}
