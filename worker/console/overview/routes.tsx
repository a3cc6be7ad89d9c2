import { Hono } from 'hono'
import { historySchema, statusSchema } from '../../admin/answers/connections'
import { rejectedPageSchema } from '../../admin/answers/inputs'
import { profileCountSchema } from '../../admin/answers/profiles'
import { versionedWorkspaceSchema } from '../../admin/answers/workspace'
import { readAdmin } from '../api'
import type { ConsoleEnv } from '../env'
import { OverviewPage } from './page'

export const overviewRoutes = new Hono<ConsoleEnv>()

overviewRoutes.get('/', async (context) => {
  const [{ workspace }, { connections: statuses }, profiles, rejected] = await Promise.all([
    readAdmin(context, versionedWorkspaceSchema, '/workspace'),
    readAdmin(context, statusSchema, '/status'),
    readAdmin(context, profileCountSchema, '/profiles'),
    readAdmin(context, rejectedPageSchema, '/rejected?limit=1'),
  ])
  const histories = await Promise.all(
    workspace.connections.map(({ id }) =>
      readAdmin(context, historySchema, `/connections/${encodeURIComponent(id)}/history`)
    )
  )
  const { session } = context.var
  const counts = { profiles: profiles.count, rejected: rejected.count }
  return context.html(<OverviewPage {...{ session, workspace, statuses, histories }} {...counts} />)
})
