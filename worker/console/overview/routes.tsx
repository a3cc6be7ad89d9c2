import { Hono } from 'hono'
import type { DeliveryHistory } from '../../admin/delivery-history'
import type { ConnectionStatus } from '../../admin/shards'
import type { WorkspaceFile } from '../../config/workspace-file'
import { readAdmin } from '../api'
import type { ConsoleEnv } from '../env'
import { OverviewPage } from './page'

export const overviewRoutes = new Hono<ConsoleEnv>()

overviewRoutes.get('/', async (context) => {
  const [{ workspace }, { connections: statuses }, profiles, rejected] = await Promise.all([
    readAdmin<{ workspace: WorkspaceFile }>(context, '/workspace'),
    readAdmin<{ connections: ConnectionStatus[] }>(context, '/status'),
    readAdmin<{ count: number }>(context, '/profiles'),
    readAdmin<{ count: number }>(context, '/rejected?limit=1'),
  ])
  const histories = await Promise.all(
    workspace.connections.map(({ id }) =>
      readAdmin<DeliveryHistory>(context, `/connections/${encodeURIComponent(id)}/history`)
    )
  )
  const { session } = context.var
  const counts = { profiles: profiles.count, rejected: rejected.count }
  return context.html(<OverviewPage {...{ session, workspace, statuses, histories }} {...counts} />)
})
