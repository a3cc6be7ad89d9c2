import { contextOf } from './mobile-event'
import { type Signing, signedHeaders } from './signing'
import { request } from './weir'

/** Signs and posts events, as a native client does. */
export const putEvents = async (
  events: unknown,
  given: Omit<Signing, 'body'> & {
    context?: unknown
    body?: string | Uint8Array
    /** Headers that are not signed, or that differ from the signed ones. */
    beside?: Record<string, string>
  } = {}
): Promise<Response> => {
  const { context = contextOf(), beside, ...signing } = given
  const body = given.body ?? JSON.stringify({ events })
  const text = typeof context === 'string' ? context : JSON.stringify(context)
  const headers = await signedHeaders({
    ...signing,
    body,
    headers: { 'x-amz-client-context': text, ...given.headers },
  })
  const { pathname, search } = new URL(given.url ?? 'https://weir.test/2014-06-05/events')
  return request(`${pathname}${search}`, {
    method: 'POST',
    headers: { ...headers, ...beside },
    body,
  })
}

/** What a client reads of an answer. */
export const readAnswer = async (answer: Response) => {
  const text = await answer.text()
  return {
    status: answer.status,
    type: answer.headers.get('x-amzn-errortype'),
    message: text === '' ? undefined : (JSON.parse(text) as { message?: string }).message,
  }
}
