import { Hono } from 'hono'
import { nameOfToken } from '../../admin/access/tokens'
import type { ConsoleContext, ConsoleEnv } from '../env'
import { rootOf } from '../root'
import { accessOf } from './access'
import { allowAttempt } from './attempts'
import { NoAccessPage, SignInPage } from './page'
import { endSession, writeSession } from './session-cookie'

export const signInRoutes = new Hono<ConsoleEnv>()

// Only within the console, so that no link to the sign-in page leads to another site.
const returnPath = ({ req }: ConsoleContext, root: string): string => {
  const to = req.query('to') ?? ''
  return to.startsWith(`${root}/`) || to.startsWith(`${root}?`) ? to : root
}

signInRoutes.use('/sign-in', async (context, next) => {
  if (!accessOf(context.env)) return next()
  return context.html(<NoAccessPage root={rootOf(context.req.raw, context.env)} />, 403)
})

signInRoutes.get('/sign-in', (context) =>
  context.html(<SignInPage root={rootOf(context.req.raw, context.env)} />)
)

signInRoutes.post('/sign-in', async (context) => {
  const { env, req } = context
  const root = rootOf(req.raw, env)
  const address = req.header('cf-connecting-ip')
  if (address !== undefined && !(await allowAttempt(env, address))) {
    const failed = 'Too many attempts. Wait a minute, then try again.'
    return context.html(<SignInPage root={root} failed={failed} />, 429, { 'retry-after': '60' })
  }
  const form = await req.parseBody()
  const token = typeof form.token === 'string' ? form.token.trim() : ''
  const who = await nameOfToken(env, token)
  if (who === undefined) {
    return context.html(<SignInPage root={root} failed="This is not an admin token." />, 401)
  }
  await writeSession(context, who, token)
  return context.redirect(returnPath(context, root), 303)
})

signInRoutes.post('/sign-out', (context) => {
  endSession(context)
  return context.redirect(`${rootOf(context.req.raw, context.env)}/sign-in`, 303)
})
