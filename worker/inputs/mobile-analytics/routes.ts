import { Hono, type MiddlewareHandler } from 'hono'
import { failure, log } from '../../base/log'
import { RequestError } from '../../base/problem'
import { routeOf } from '../../base/route'
import {
  answerHeaders,
  answerRefusal,
  preflightHeaders,
} from '../../dialects/mobile-analytics/answers'
import { refusal } from '../../dialects/mobile-analytics/refusal'
import type { HonoEnv } from '../upload/request'
import { receive } from './receive'

const path = '/2014-06-05/events'

/** PutEvents of Amazon Mobile Analytics. */
export const mobileAnalytics = new Hono<HonoEnv>()

const allowPages: MiddlewareHandler<HonoEnv> = async (context, next) => {
  if (context.req.method === 'OPTIONS') return context.body(null, 204, preflightHeaders())
  // Set before the handler runs: headers set afterwards would copy the response.
  for (const [name, value] of Object.entries(answerHeaders(Date.now()))) {
    context.header(name, value)
  }
  return next()
}

mobileAnalytics.use(path, allowPages)

mobileAnalytics.post(path, async (context) => {
  const requestId = crypto.randomUUID()
  context.header('x-amzn-requestid', requestId)
  const refused = await receive(context, requestId)
  return refused ? answerRefusal(context, refused) : context.body(null, 202)
})

// Clients drop batches on 5xx and keep them on a ThrottlingException, so failures of weir's own are
// answered so.
mobileAnalytics.onError((error, context) => {
  if (error instanceof RequestError && error.status === 429) {
    for (const [name, value] of Object.entries(error.headers)) context.header(name, value)
    return answerRefusal(context, refusal('ThrottlingException', error.message))
  }
  log('error', 'An upload failed.', { route: routeOf(context), ...failure(error) })
  const message = 'The events could not be stored. Send them again.'
  return answerRefusal(context, refusal('ThrottlingException', message))
})
