import { type Context, Hono } from 'hono'
import { failure, log } from '../base/log'
import { type Bindings, configKeys, objectsOf } from '../config/deployment'
import { readStored } from '../config/snapshot'
import type { Output } from '../config/workspace-file'
import { callbackPage, pageHeaders } from './callback-page'
import { openOAuthConfig } from './output-config'
import { readState } from './state'
import { shownError } from './token-answer'

/** Where an authorization server sends the owner back to (RFC 6749 §4.1.2). Public. */
export const authorizationCallback = new Hono<{ Bindings: Bindings }>()

type Ending = { output: Output } | { refused: string }

const outOfDate: Ending = {
  refused: 'This authorization was used, or is out of date. Begin it again.',
}

const end = async (env: Bindings, query: Record<string, string>): Promise<Ending> => {
  const keys = configKeys(env)
  const state = await readState(query.state ?? '', keys, Date.now())
  if (!state) return outOfDate
  const { file } = await readStored(env)
  const output = file.outputs.find((one) => one.id === state.output)
  const config = output && (await openOAuthConfig(output, keys))
  if (!output || !config) return outOfDate
  const { nonce } = state
  // An answer has either; one with both is an error.
  const code = query.error === undefined && query.code !== '' ? query.code : undefined
  const ended = await objectsOf(env).AUTHORIZATION.getByName(output.id).exchange(config, {
    nonce,
    code,
  })
  if (ended.ok) return { output }
  const told = query.error === undefined ? '' : shownError(query, [])
  return { refused: told === '' ? ended.reason : `The authorization server answered: ${told}.` }
}

const answer = (
  context: Context,
  title: string,
  said: { text: string; status: 200 | 400 | 500 }
) => {
  const nonce = crypto.randomUUID()
  for (const [name, value] of Object.entries(pageHeaders(nonce))) context.header(name, value)
  return context.html(callbackPage({ title, text: said.text, nonce }), said.status)
}

const notConnected = 'weir is not connected'

authorizationCallback.onError((error, context) => {
  log('error', 'An authorization could not be ended.', failure(error))
  const text = 'Something failed here. Begin the authorization again.'
  return answer(context, notConnected, { text, status: 500 })
})

authorizationCallback.get('/oauth/callback', async (context) => {
  const ended = await end(context.env, context.req.query())
  if ('refused' in ended) {
    return answer(context, notConnected, { text: ended.refused, status: 400 })
  }
  const { output } = ended
  const name = output.registration?.name || output.name || output.id
  const said = { text: 'You may close this page.', status: 200 } as const
  return answer(context, `weir is connected to ${name}`, said)
})
