import { itemSchemas } from '../../admin/answers/workspace'
import { problem, RequestError } from '../../base/problem'
import type { Connection } from '../../config/workspace-file'
import { readAdmin } from '../api'
import type { ConsoleContext } from '../env'
import { readItems } from '../forms/saving'
import type { Kind, Parts } from './fields'

export const readParts = async (context: ConsoleContext): Promise<Parts> => {
  const [inputs, audiences, outputs] = await Promise.all([
    readItems(context, 'inputs'),
    readItems(context, 'audiences'),
    readItems(context, 'outputs'),
  ])
  return { inputs, audiences, outputs }
}

/** The connection that a page's address names, secrets masked. */
export const readConnection = (context: ConsoleContext): Promise<Connection> =>
  readAdmin(
    context,
    itemSchemas.connections,
    `/connections/${encodeURIComponent(context.req.param('id') ?? '')}`
  )

/** @throws RequestError 404 when there is no such output */
export const kindOf = ({ outputs }: Parts, id: string, isOfAudiences: boolean): Kind => {
  const output = outputs.find((output) => output.id === id)
  if (output) return { output, isOfAudiences }
  throw new RequestError(404, [problem('not_found', 'output', `There is no output ${id}.`)])
}
