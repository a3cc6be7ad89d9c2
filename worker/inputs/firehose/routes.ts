import { Hono } from 'hono'
import { writeMessage } from '../../../sdk/firehose/write-message'
import type { JsonObject } from '../../base/json'
import { failure, log } from '../../base/log'
import { problem, RequestError } from '../../base/problem'
import { registrationOf } from '../../dialects/firehose/registration'
import { defaultModuleName } from '../../dialects/firehose/settings'
import { snapshotOf } from '../upload/open-input'
import { type HonoEnv, waitUntilOf } from '../upload/request'
import { Processor } from './processor'
import { readMessage, readRegistrationRequest } from './read-message'
import { senderOf } from './sender'

/** mParticle's Firehose, to which weir is an integration. */
export const firehose = new Hono<HonoEnv>()

const paths = ['/firehose', '/firehose/']

firehose.on('POST', paths, async (context) => {
  const { env, req } = context
  const snapshot = await snapshotOf(context)
  const input = await senderOf({ env, snapshot }, req.header('authorization'))
  const request = input && { env, snapshot, input, waitUntil: waitUntilOf(context) }
  const message = await (request ? readMessage(context, request) : readRegistrationRequest(context))
  const namingInput = input ?? snapshot.firehoseInputs.find(({ enabled }) => enabled)
  const name = namingInput?.firehose?.module_name ?? defaultModuleName
  const processor = new Processor(
    registrationOf(name, new URL(req.url).hostname),
    async (store) => {
      if (request) await store({ request, message })
    }
  )
  const answer = await processor.processMessage(envelopeOf(message))
  return context.body(writeMessage(answer), 200, { 'content-type': 'application/json' })
})

firehose.on('ALL', paths, (context) => {
  const wrong = problem('method_not_allowed', '', 'Messages are posted.')
  return context.json({ errors: [wrong] }, 405, { allow: 'POST' })
})

firehose.onError((error, context) => {
  const known = error instanceof RequestError ? error : unavailable(error)
  for (const [name, value] of Object.entries(known.headers)) context.header(name, value)
  return context.json({ errors: known.problems }, known.status)
})

// mParticle sends again what is answered 503, and nothing else.
const unavailable = (error: unknown): RequestError => {
  log('error', 'A Firehose message could not be stored.', failure(error))
  const message = 'The message could not be stored. Send it again.'
  return new RequestError(503, [problem('unavailable', '', message)])
}

// The library needs only this to choose a hook and to answer. The store functions read the rest
// themselves, since the library rounds 64-bit numbers.
const envelopeOf = ({ type, id, timestamp_ms, firehose_version, user_profiles }: JsonObject) => ({
  type,
  id,
  timestamp_ms,
  firehose_version,
  ...(user_profiles === undefined || user_profiles === null ? {} : { user_profiles: [] }),
})
