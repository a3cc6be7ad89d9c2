import { HTTPException } from 'hono/http-exception'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { failure, log } from '../base/log'
import { RequestError } from '../base/problem'
import { routeOf } from '../base/route'
import { UnexpectedAnswer } from './api'
import { Notice } from './components/notice'
import type { ConsoleContext } from './env'
import { Document } from './layout'
import { rootOf } from './root'

interface FailurePage {
  status: ContentfulStatusCode
  title: string
  messages: string[]
}

const unknownFailure = 'The page could not be made. The log has the reason.'
const tooLarge = 'The form is larger than a megabyte.'
const forbidden =
  'The form was sent from another site, or by a browser that does not say from where.'

const expectedFailure = (error: Error): FailurePage | undefined => {
  if (error instanceof RequestError) {
    const title = error.status === 404 ? 'Not found' : 'That did not work'
    return { status: error.status, title, messages: error.problems.map(({ message }) => message) }
  }
  if (error instanceof HTTPException && error.status === 403) {
    return { status: 403, title: 'Refused', messages: [forbidden] }
  }
  if (error instanceof HTTPException && error.status === 413) {
    return { status: 413, title: 'Too large', messages: [tooLarge] }
  }
  return undefined
}

/** A page that says what went wrong, with a way back. */
export const failurePage = (context: ConsoleContext, { status, title, messages }: FailurePage) => {
  const root = rootOf(context.req.raw, context.env)
  return context.html(
    <Document title={title} root={root}>
      <main class="door" id="main">
        <h1>{title}</h1>
        <Notice tone="bad">
          {messages.map((message) => (
            <p>{message}</p>
          ))}
        </Notice>
        <p>
          <a href={root}>To the overview</a>
        </p>
      </main>
    </Document>,
    status
  )
}

export const showFailure = (error: Error, context: ConsoleContext) => {
  const expected = expectedFailure(error)
  if (expected) return failurePage(context, expected)
  log('error', 'A page of the console failed.', { route: routeOf(context), ...failure(error) })
  const message = error instanceof UnexpectedAnswer ? error.message : unknownFailure
  return failurePage(context, { status: 500, title: 'That did not work', messages: [message] })
}
