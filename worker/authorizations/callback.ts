import { type Context, Hono } from 'hono'
import { failure, log } from '../base/log'
import { type Bindings, configKeys, objectsOf } from '../config/deployment'
import { readStored } from '../config/snapshot'
import type { Output } from '../config/workspace-file'
import { callbackPage, pageHeaders } from './callback-page'
import { openOAuthConfig } from './output-config'
import { readState } from './state'
import { shownError } from './token-answer'

/** The redirect URI, to which an authorization server sends the owner back (RFC 6749 §4.1.2). */
export const authorizationCallback = new Hono<{ Bindings: Bindings }>()

type CallbackResult = { output: Output } | { refused: string }

const outOfDate: CallbackResult = {
  refused: 'This authorization was used, or is out of date. Begin it again.',
}

const endAuthorization = async (
  env: Bindings,
  query: Record<string, string>
): Promise<CallbackResult> => {
  const keys = configKeys(env)
  const state = await readState(query.state ?? '', keys, Date.now())
  if (!state) return outOfDate
  const { file } = await readStored(env)
  const output = file.outputs.find(({ id }) => id === state.output)
  const config = output && (await openOAuthConfig(output, keys))
  if (!output || !config) return outOfDate
  const { nonce } = state
  // An answer with an error may have a code as well, which then must not be used.
  const code = query.error === undefined && query.code !== '' ? query.code : undefined
  const ended = await objectsOf(env).AUTHORIZATION.getByName(output.id).exchange(config, {
    nonce,
    code,
  })
  if (ended.ok) return { output }
  const error = query.error === undefined ? '' : shownError(query, [])
  return { refused: error === '' ? ended.reason : `The authorization server answered: ${error}.` }
}

const answerPage = (
  context: Context,
  title: string,
  { text, status }: { text: string; status: 200 | 400 | 500 }
) => {
  const nonce = crypto.randomUUID()
  for (const [name, value] of Object.entries(pageHeaders(nonce))) context.header(name, value)
  return context.html(callbackPage({ title, text, nonce }), status)
}

const notConnected = 'weir is not connected'

authorizationCallback.onError((error, context) => {
  log('error', 'An authorization could not be completed.', failure(error))
  const text = 'Something failed here. Begin the authorization again.'
  return answerPage(context, notConnected, { text, status: 500 })
})

authorizationCallback.get('/oauth/callback', async (context) => {
  const result = await endAuthorization(context.env, context.req.query())
  if ('refused' in result) {
    return answerPage(context, notConnected, { text: result.refused, status: 400 })
  }
  const { output } = result
  const name = output.registration?.name || output.name || output.id
  const content = { text: 'You may close this page.', status: 200 } as const
  return answerPage(context, `weir is connected to ${name}`, content)
})
