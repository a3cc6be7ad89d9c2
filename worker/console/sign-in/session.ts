import { createMiddleware } from 'hono/factory'
import type { ConsoleContext, ConsoleEnv, Session } from '../env'
import { rootOf } from '../root'
import { accessOf, readAssertion } from './access'
import { readSession } from './session-cookie'

const sessionOf = async (context: ConsoleContext): Promise<Session | undefined> => {
  const root = rootOf(context.req.raw, context.env)
  const access = accessOf(context.env)
  if (access) {
    const who = await readAssertion(access, context.req.header('cf-access-jwt-assertion'))
    return who === undefined ? undefined : { who, by: 'access', root }
  }
  const who = await readSession(context)
  return who === undefined ? undefined : { who, by: 'token', root }
}

const isPage = ({ req }: ConsoleContext): boolean =>
  req.method === 'GET' && (req.header('accept') ?? '').includes('text/html')

/** Redirects people who have not signed in to the sign-in page, which leads back afterwards. */
export const requireSession = createMiddleware<ConsoleEnv>(async (context, next) => {
  const session = await sessionOf(context)
  if (session) {
    context.set('session', session)
    return next()
  }
  const root = rootOf(context.req.raw, context.env)
  if (!isPage(context)) return context.text('Sign in first.', 401)
  const { pathname, search } = new URL(context.req.url)
  const back = pathname === root ? '' : `?to=${encodeURIComponent(pathname + search)}`
  return context.redirect(`${root}/sign-in${back}`, 303)
})

/** The name of the signed-in person. */
export const who = ({ var: { session } }: ConsoleContext): string => session.who
