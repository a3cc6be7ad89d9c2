import { Hono } from 'hono'
import {
  erasureSchema,
  type Found,
  foundSchema,
  profileCountSchema,
} from '../../admin/answers/profiles'
import { problem, RequestError } from '../../base/problem'
import { readMpid } from '../../dialects/mpid'
import { callAdmin, parseAnswer, problemsOf, readAdmin } from '../api'
import type { ConsoleContext, ConsoleEnv } from '../env'
import { ErasedPage, ErasePage } from './erase-page'
import { type ProfileFacts, readProfile } from './facts'
import { ProfilePage } from './profile-page'
import { byDevice, byMpid, SearchPage, UnknownPage } from './search-page'

export const profilesRoutes = new Hono<ConsoleEnv>()

const countIn = async (context: ConsoleContext): Promise<number> =>
  (await readAdmin(context, profileCountSchema, '/profiles')).count

profilesRoutes.get('/', async (context) =>
  context.html(
    <SearchPage
      session={context.var.session}
      count={await countIn(context)}
      search={{ by: byMpid, value: context.req.query('mpid') ?? '' }}
      problems={[]}
    />
  )
)

const searchFor = (by: string, value: string) =>
  by === byDevice ? { [byDevice]: value } : { user_identities: { [by]: value } }

// By POST, so that identities do not get into addresses, which logs and histories store.
profilesRoutes.post('/', async (context) => {
  const { by = '', value = '' } = await context.req.parseBody()
  const search = { by: String(by), value: String(value).trim() }
  const { session } = context.var
  const mpid = search.by === byMpid ? readMpid(search.value) : undefined
  if (mpid !== undefined) return context.redirect(`${session.root}/profiles/${mpid}`, 303)
  const isFindable = search.value !== '' && search.by !== byMpid
  const answer = isFindable
    ? await callAdmin(context, 'POST', '/profiles/find', searchFor(search.by, search.value))
    : undefined
  const message = search.by === byMpid ? 'An mpid is a 64-bit integer.' : 'Enter a value.'
  const problems = answer ? problemsOf(answer) : [problem('invalid', 'value', message)]
  const found = answer && problems.length === 0 ? parseAnswer(foundSchema, answer) : undefined
  const count = await countIn(context)
  return context.html(
    <SearchPage {...{ session, count, search, problems, found }} />,
    problems.length > 0 ? 422 : 200
  )
})

const mpidIn = ({ req }: ConsoleContext): string => {
  const mpid = readMpid(req.param('mpid'))
  if (mpid !== undefined) return mpid
  throw new RequestError(404, [problem('not_found', 'mpid', 'An mpid is a 64-bit integer.')])
}

const profileOf = async (
  context: ConsoleContext,
  mpid: string
): Promise<ProfileFacts | undefined> => {
  const answer = await callAdmin(context, 'GET', `/profiles/${mpid}`)
  return answer.status === 200 ? readProfile(answer) : undefined
}

profilesRoutes.get('/:mpid', async (context) => {
  const mpid = mpidIn(context)
  const profile = await profileOf(context, mpid)
  const { session } = context.var
  return profile
    ? context.html(<ProfilePage session={session} profile={profile} />)
    : context.html(<UnknownPage session={session} mpid={mpid} />, 404)
})

const identitiesOf = ({ identities }: ProfileFacts): Record<string, string> =>
  Object.fromEntries(identities.map(({ type, identity }) => [type, identity]))

/** Other profiles with the same identities. */
const othersOf = async (
  context: ConsoleContext,
  profile: ProfileFacts
): Promise<Found['profiles']> => {
  if (profile.identities.length === 0) return []
  const body = { user_identities: identitiesOf(profile) }
  const answer = await callAdmin(context, 'POST', '/profiles/find', body)
  if (answer.status !== 200) return []
  const { profiles } = parseAnswer(foundSchema, answer)
  return profiles.filter(({ mpid }) => mpid !== profile.mpid)
}

profilesRoutes.get('/:mpid/erase', async (context) => {
  const mpid = mpidIn(context)
  const profile = await profileOf(context, mpid)
  const { session } = context.var
  if (!profile) return context.html(<UnknownPage session={session} mpid={mpid} />, 404)
  const others = await othersOf(context, profile)
  return context.html(<ErasePage session={session} profile={profile} others={others} />)
})

profilesRoutes.post('/:mpid/erase', async (context) => {
  const mpid = mpidIn(context)
  const { others, regulation } = await context.req.parseBody()
  const profile = others === 'on' ? await profileOf(context, mpid) : undefined
  const answer = await callAdmin(context, 'POST', '/erasures', {
    mpid,
    regulation: typeof regulation === 'string' ? regulation : 'unknown',
    ...(profile ? { user_identities: identitiesOf(profile) } : {}),
  })
  const problems = problemsOf(answer)
  if (problems.length > 0) throw new RequestError(422, problems)
  const erasure = parseAnswer(erasureSchema, answer)
  return context.html(<ErasedPage session={context.var.session} erasure={erasure} />)
})
