import { Hono } from 'hono'
import type { RejectedPage as Rejections } from '../../config/workspace'
import { readAdmin } from '../api'
import type { ConsoleEnv } from '../env'
import { ofAll, ofNone, pageSize, RejectedPage } from './page'

export const rejectedRoutes = new Hono<ConsoleEnv>()

const chosenInput = (given: string | undefined): string | undefined => {
  if (given === undefined || given === ofAll) return undefined
  return given === ofNone ? '' : given
}

rejectedRoutes.get('/', async (context) => {
  const chosen = chosenInput(context.req.query('input'))
  const before = context.req.query('before')
  const query = new URLSearchParams({ limit: String(pageSize) })
  if (chosen !== undefined) query.set('input', chosen)
  if (before !== undefined) query.set('before', before)
  const { inputs } = await readAdmin<{ inputs: { id: string }[] }>(context, '/inputs')
  return context.html(
    <RejectedPage
      session={context.var.session}
      inputs={inputs.map(({ id }) => id)}
      chosen={chosen}
      page={await readAdmin<Rejections>(context, `/rejected?${query}`)}
      before={before}
    />
  )
})
