import { Hono } from 'hono'
import type { Output } from '../../config/workspace-file'
import { isOutputKind, type OutputKindId } from '../../outputs'
import type { ConsoleContext, ConsoleEnv } from '../env'
import { readForm, sentBy } from '../forms/read-form'
import { readItems, saveItem } from '../forms/saving'
import { keepMark } from '../forms/was'
import { actionRoutes } from './actions'
import { outputSections } from './fields'
import { OutputForm, OutputList } from './pages'
import { readOutput } from './read-output'
import { showOutput } from './show'

export const outputsRoutes = new Hono<ConsoleEnv>()

outputsRoutes.get('/', async (context) => {
  const [outputs, connections] = await Promise.all([
    readItems(context, 'outputs'),
    readItems(context, 'connections'),
  ])
  return context.html(<OutputList {...{ context, outputs, connections }} />)
})

interface Posted {
  kind: OutputKindId
  stored?: Output
}

const post = async (context: ConsoleContext, { kind, stored }: Posted) => {
  const isNew = stored === undefined
  const sent = await sentBy(context.req.raw)
  keepMark(context, sent)
  const fields = outputSections(kind, isNew).flatMap((section) => section.fields)
  const item = readForm(fields, sent, { ...stored, kind })
  const id = String(item.id ?? '')
  const saving = { name: 'outputs', item: { ...item, id }, isNew, sent } as const
  const problems = await saveItem(context, saving)
  if (problems.length > 0) {
    return context.html(<OutputForm {...{ context, item, kind, stored, problems }} />, 422)
  }
  return context.redirect(`${context.var.session.root}/outputs/${id}?done=saved`, 303)
}

outputsRoutes.get('/new/:kind', (context) => {
  const kind = context.req.param('kind')
  if (!isOutputKind(kind)) return context.notFound()
  return context.html(<OutputForm {...{ context, kind }} item={{}} problems={[]} />)
})

outputsRoutes.post('/new/:kind', (context) => {
  const kind = context.req.param('kind')
  return isOutputKind(kind) ? post(context, { kind }) : context.notFound()
})

outputsRoutes.route('/', actionRoutes)

outputsRoutes.get('/:id', async (context) => showOutput(context, await readOutput(context)))

outputsRoutes.post('/:id', async (context) => {
  const stored = await readOutput(context)
  return post(context, { kind: stored.kind, stored })
})
