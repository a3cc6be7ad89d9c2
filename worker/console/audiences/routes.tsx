import { Hono } from 'hono'
import { audienceStatusSchema, type Preview, previewSchema } from '../../admin/answers/audiences'
import { type Problem, problem, RequestError } from '../../base/problem'
import type { StoredAudience } from '../../config/workspace-file'
import { callAdmin, parseAnswer, problemsOf, readAdmin } from '../api'
import { Done } from '../components/done'
import type { ConsoleContext, ConsoleEnv } from '../env'
import { DeletePage } from '../forms/delete-page'
import { type Sent, sentBy } from '../forms/read-form'
import { problemsWithin, readItems, saveItem } from '../forms/saving'
import { AudiencePage, ListPage, NewPage } from './pages'
import { objectIn, readAudience, type SentAudience } from './sent-audience'

export const audiencesRoutes = new Hono<ConsoleEnv>()

const name = 'audiences'

const statusOf = (context: ConsoleContext, id: string, limit: number) =>
  readAdmin(
    context,
    audienceStatusSchema,
    `/audiences/${encodeURIComponent(id)}/status?limit=${limit}`
  )

audiencesRoutes.get('/', async (context) => {
  const stored = await readItems(context, name)
  const audiences = await Promise.all(
    stored.map(async ({ id, name }) => ({ name, status: await statusOf(context, id, 1) }))
  )
  const { session } = context.var
  return context.html(
    <ListPage session={session} audiences={audiences} done={<Done context={context} />} />
  )
})

/** What a sent form contains, and the result. */
interface FormResult {
  item: Record<string, unknown>
  problems: Problem[]
  sent: Sent
  preview?: Preview | undefined
}

const tryOut = async (
  context: ConsoleContext,
  { item, problems }: SentAudience,
  sent: Sent
): Promise<FormResult> => {
  const profile = objectIn(sent, 'profile')
  const mpid = sent.mpid?.[0]?.trim() ?? ''
  // The field starts with {}.
  const isDescribed = mpid === '' || Object.keys(profile.value ?? {}).length > 0
  const wrong = [...problems, ...(profile.problem ? [profile.problem] : [])]
  if (wrong.length > 0) return { item, problems: wrong, sent }
  const answer = await callAdmin(context, 'POST', '/audiences/preview', {
    rule: item.rule,
    ...(mpid === '' ? {} : { mpid }),
    ...(isDescribed && profile.value !== undefined ? { profile: profile.value } : {}),
  })
  if (answer.status === 404) {
    const unknown = problem('not_found', 'mpid', 'There is no profile with this mpid.')
    return { item, problems: [unknown], sent }
  }
  const refused = problemsOf(answer)
  return {
    item,
    problems: refused,
    sent,
    ...(refused.length === 0 ? { preview: parseAnswer(previewSchema, answer) } : {}),
  }
}

interface Submission {
  sent: Sent
  before: Record<string, unknown> & { id: string }
  isNew: boolean
}

/** Saves an audience or tries it out, by the button that was pressed. @returns undefined when saved */
const answerForm = async (
  context: ConsoleContext,
  { sent, before, isNew }: Submission
): Promise<FormResult | undefined> => {
  const read = readAudience(sent, before)
  if (sent.action?.[0] === 'try') return tryOut(context, read, sent)
  const { item, problems } = read
  if (problems.length > 0) return { item, problems, sent }
  const refused = await saveItem(context, { name, item: { ...item, id: before.id }, isNew, sent })
  return refused.length === 0 ? undefined : { item, problems: refused, sent }
}

const statusFor = ({ problems }: FormResult) => (problems.length > 0 ? 422 : 200)

audiencesRoutes.get('/new', (context) =>
  context.html(
    <NewPage session={context.var.session} item={{}} isNew={true} problems={[]} sent={{}} />
  )
)

audiencesRoutes.post('/new', async (context) => {
  const { session } = context.var
  const sent = await sentBy(context.req.raw)
  const before = { id: sent.id?.[0]?.trim() ?? '' }
  const result = await answerForm(context, { sent, before, isNew: true })
  return result
    ? context.html(<NewPage session={session} isNew={true} {...result} />, statusFor(result))
    : context.redirect(`${session.root}/audiences/${before.id}?done=saved`, 303)
})

const storedIn = async (context: ConsoleContext, id: string): Promise<StoredAudience> => {
  const found = (await readItems(context, name)).find((item) => item.id === id)
  if (found) return found
  throw new RequestError(404, [problem('not_found', id, `There is no audience ${id}.`)])
}

audiencesRoutes.get('/:id', async (context) => {
  const item = await storedIn(context, context.req.param('id'))
  return context.html(
    <AudiencePage
      session={context.var.session}
      id={item.id}
      item={{ ...item }}
      isNew={false}
      problems={[]}
      sent={{}}
      status={await statusOf(context, item.id, 20)}
      done={<Done context={context} />}
    />
  )
})

audiencesRoutes.post('/:id', async (context) => {
  const { session } = context.var
  const stored = await storedIn(context, context.req.param('id'))
  const { id } = stored
  const sent = await sentBy(context.req.raw)
  const result = await answerForm(context, { sent, before: { ...stored }, isNew: false })
  if (!result) return context.redirect(`${session.root}/audiences/${id}?done=saved`, 303)
  const status = await statusOf(context, id, 20)
  return context.html(
    <AudiencePage {...{ session, id, status }} isNew={false} done={null} {...result} />,
    statusFor(result)
  )
})

const deletePage = (context: ConsoleContext, id: string, problems: Problem[]) => {
  const { session } = context.var
  return (
    <DeletePage
      active="audiences"
      session={session}
      id={id}
      back={`${session.root}/audiences/${id}`}
      problems={problems}
    >
      <p>
        No more messages are sent when users enter or leave it; its members and its latest changes
        are deleted. Profiles stay.
      </p>
    </DeletePage>
  )
}

audiencesRoutes.get('/:id/delete', async (context) => {
  const { id } = await storedIn(context, context.req.param('id'))
  return context.html(deletePage(context, id, []))
})

audiencesRoutes.post('/:id/delete', async (context) => {
  const { id } = await storedIn(context, context.req.param('id'))
  const answer = await callAdmin(context, 'DELETE', `/audiences/${encodeURIComponent(id)}`)
  const problems = problemsWithin(answer, { name, id, index: -1 })
  if (problems.length > 0) return context.html(deletePage(context, id, problems), 409)
  return context.redirect(`${context.var.session.root}/audiences?done=deleted`, 303)
})
