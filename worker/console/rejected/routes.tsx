import { Hono } from 'hono'
import { rejectedPageSchema } from '../../admin/answers/inputs'
import { readAdmin } from '../api'
import type { ConsoleEnv } from '../env'
import { readItems } from '../forms/saving'
import { ofAll, ofNone, pageSize, RejectedPage } from './page'

export const rejectedRoutes = new Hono<ConsoleEnv>()

const chosenInput = (value: string | undefined): string | undefined => {
  if (value === undefined || value === ofAll) return undefined
  return value === ofNone ? '' : value
}

rejectedRoutes.get('/', async (context) => {
  const chosen = chosenInput(context.req.query('input'))
  const before = context.req.query('before')
  const query = new URLSearchParams({ limit: String(pageSize) })
  if (chosen !== undefined) query.set('input', chosen)
  if (before !== undefined) query.set('before', before)
  const inputs = await readItems(context, 'inputs')
  return context.html(
    <RejectedPage
      session={context.var.session}
      inputs={inputs.map(({ id }) => id)}
      chosen={chosen}
      page={await readAdmin(context, rejectedPageSchema, `/rejected?${query}`)}
      before={before}
    />
  )
})
