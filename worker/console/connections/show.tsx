import { type ConnectionStatus, connectionStatusSchema } from '../../admin/answers/connections'
import type { Problem } from '../../base/problem'
import type { Connection } from '../../config/workspace-file'
import { readAdmin } from '../api'
import type { ConsoleContext } from '../env'
import { connectionSections } from './fields'
import { ConnectionForm } from './form-page'
import { kindOf, readParts } from './read-parts'

export const readStatus = (context: ConsoleContext, id: string): Promise<ConnectionStatus> =>
  readAdmin(context, connectionStatusSchema, `/connections/${encodeURIComponent(id)}/status`)

/** @param refused why an action on the connection has just failed */
export const showConnection = async (
  context: ConsoleContext,
  connection: Connection,
  refused: Problem[] = []
) => {
  const [parts, status] = await Promise.all([
    readParts(context),
    readStatus(context, connection.id),
  ])
  const kind = kindOf(parts, connection.output, connection.audiences !== undefined)
  const sections = connectionSections(parts, kind, false)
  const shown = { context, sections, kind, item: { ...connection }, refused }
  return context.html(
    <ConnectionForm {...shown} stored={{ connection, status }} />,
    refused.length > 0 ? 422 : 200
  )
}
