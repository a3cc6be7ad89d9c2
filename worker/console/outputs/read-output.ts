import { itemSchemas } from '../../admin/answers/workspace'
import type { Output } from '../../config/workspace-file'
import { readAdmin } from '../api'
import type { ConsoleContext } from '../env'

/** The output that a page's address names, secrets masked. */
export const readOutput = (context: ConsoleContext): Promise<Output> =>
  readAdmin(
    context,
    itemSchemas.outputs,
    `/outputs/${encodeURIComponent(context.req.param('id') ?? '')}`
  )
