import type { Output } from '../../config/workspace-file'
import { readAdmin } from '../api'
import type { ConsoleContext } from '../env'

/** The output that a page's address names, secrets masked. */
export const readOutput = (context: ConsoleContext): Promise<Output> =>
  readAdmin<Output>(context, `/outputs/${encodeURIComponent(context.req.param('id') ?? '')}`)
