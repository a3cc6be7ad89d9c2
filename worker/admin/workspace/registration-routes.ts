import { Hono } from 'hono'
import { problem, RequestError } from '../../base/problem'
import { readStored } from '../../config/snapshot'
import { isIntegration } from '../../outputs'
import type { Registered } from '../answers/outputs'
import { type AdminEnv, notFound } from '../request'
import { saveWorkspace } from './save'

export const registrationRoutes = new Hono<AdminEnv>()

/** Fetches the registration of an integration again, since it may have changed. */
registrationRoutes.post('/outputs/:id/registration', async (context) => {
  const { env, req, json } = context
  const id = req.param('id')
  const stored = await readStored(env)
  const output = stored.file.outputs.find((output) => output.id === id)
  if (!output) throw notFound('outputs', id)
  if (!isIntegration(output)) {
    const message = `${id} is not an integration.`
    throw new RequestError(422, [problem('invalid', `outputs.${id}.kind`, message)])
  }
  const by = { by: context.get('who'), note: `registration of ${id}` }
  const options = { verify: false, discard: false, again: id, ...by }
  const saved = await saveWorkspace(env, stored, stored.file, options)
  const { registration } = saved.file.outputs.find((output) => output.id === id) ?? {}
  return json<Registered>({ id, version: saved.version, registration })
})
