import { Hono } from 'hono'
import { type InputStatus, inputStatusSchema } from '../../admin/answers/inputs'
import { itemSchemas } from '../../admin/answers/workspace'
import { type Input, inputSettings } from '../../config/input'
import { callAdmin, readAdmin } from '../api'
import type { ConsoleContext, ConsoleEnv } from '../env'
import { DeletePage } from '../forms/delete-page'
import { readForm, type Sent, sentBy } from '../forms/read-form'
import { problemsWithin, readItems, saveItem } from '../forms/saving'
import { withoutGroups } from '../forms/section'
import { keepMark } from '../forms/was'
import { InputForm, InputList } from './pages'
import { inputSections, withListedKeys, withPlacedKeys } from './sections'

type Item = Record<string, unknown>

export const inputsRoutes = new Hono<ConsoleEnv>()

const newKey = (): string => {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return btoa(String.fromCharCode(...bytes)).replace(/[+/=]/g, '')
}

/** The address of the worker: that of the console, without its path. */
const baseOf = ({ req, var: { session } }: ConsoleContext): string =>
  new URL(req.url).origin + session.root.slice(0, -'/console'.length)

const readStatus = (context: ConsoleContext, id: string): Promise<InputStatus> =>
  readAdmin(context, inputStatusSchema, `/inputs/${encodeURIComponent(id)}/status`)

const readInput = (context: ConsoleContext, id: string): Promise<Input> =>
  readAdmin(context, itemSchemas.inputs, `/inputs/${encodeURIComponent(id)}`)

inputsRoutes.get('/', async (context) => {
  const inputs = await readItems(context, 'inputs')
  const statuses = await Promise.all(inputs.map(({ id }) => readStatus(context, id)))
  const seen = new Map(inputs.map(({ id }, i) => [id, statuses[i]?.last_seen_ms ?? null]))
  return context.html(<InputList context={context} inputs={inputs} seen={seen} />)
})

const formAt = (before: Item, isNew: boolean, sent: Sent) => {
  const sections = inputSections(before, isNew)
  const fields = sections.flatMap((section) => section.fields)
  const placed = readForm(fields, sent, withPlacedKeys(before))
  return { sections, item: withoutGroups(sections, sent, placed) }
}

const isGenerating = (sent: Sent): boolean => sent.generate?.[0] === 'key'

const post = async (context: ConsoleContext, stored: Input | undefined) => {
  const { session } = context.var
  const sent = await sentBy(context.req.raw)
  keepMark(context, sent)
  const { sections, item } = formAt({ ...stored }, stored === undefined, sent)
  const shown = { context, sections, stored, base: baseOf(context) }
  if (isGenerating(sent)) {
    return context.html(<InputForm {...shown} item={{ ...item, key: newKey() }} problems={[]} />)
  }
  const id = String(item.id ?? '')
  const saving = { name: 'inputs', item: { ...withListedKeys(item), id }, sent } as const
  const problems = await saveItem(context, { ...saving, isNew: stored === undefined })
  if (problems.length === 0) return context.redirect(`${session.root}/inputs/${id}?done=saved`, 303)
  return context.html(<InputForm {...shown} item={item} problems={problems} />, 422)
}

inputsRoutes.get('/new', (context) => {
  const item = { key: newKey(), allowed_origins: inputSettings.allowed_origins.default }
  const sections = inputSections(item, true)
  const base = baseOf(context)
  return context.html(<InputForm {...{ context, item, sections, base }} problems={[]} />)
})

inputsRoutes.post('/new', (context) => post(context, undefined))

inputsRoutes.get('/:id', async (context) => {
  const stored = await readInput(context, context.req.param('id'))
  const sections = inputSections(stored, false)
  const status = await readStatus(context, stored.id)
  const shown = { context, sections, stored, status, base: baseOf(context) }
  return context.html(<InputForm {...shown} item={withPlacedKeys({ ...stored })} problems={[]} />)
})

inputsRoutes.post('/:id', async (context) =>
  post(context, await readInput(context, context.req.param('id')))
)

const deletePage = (
  context: ConsoleContext,
  id: string,
  problems: { code: string; message: string }[]
) => {
  const { session } = context.var
  const status = problems.length === 0 ? 200 : 409
  return context.html(
    <DeletePage
      active="inputs"
      session={session}
      id={id}
      back={`${session.root}/inputs/${id}`}
      problems={problems}
    >
      <p>
        Everything sent with its key is refused from then on. What has come in is still delivered.
      </p>
    </DeletePage>,
    status
  )
}

inputsRoutes.get('/:id/delete', async (context) => {
  const { id } = await readInput(context, context.req.param('id'))
  return deletePage(context, id, [])
})

inputsRoutes.post('/:id/delete', async (context) => {
  const id = context.req.param('id')
  const answer = await callAdmin(context, 'DELETE', `/inputs/${encodeURIComponent(id)}`)
  const problems = problemsWithin(answer, { name: 'inputs', id, index: -1 })
  if (problems.length > 0) return deletePage(context, id, problems)
  return context.redirect(`${context.var.session.root}/inputs?done=deleted`, 303)
})
