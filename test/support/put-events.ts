import { accessKey, type Signing, signedHeaders } from './signing'
import { request } from './weir'

/** A client context with the fields that must be there, and these. */
export const contextOf = (fields: Record<string, unknown> = {}, app_id = 'demo-app') => ({
  client: { client_id: 'c6a63c8f-955b-b995-6b09-612ba7060ce6' },
  services: { mobile_analytics: { app_id } },
  ...fields,
})

/** An event that keeps to all constraints. */
export const mobileEvent = (eventType: string, fields: Record<string, unknown> = {}) => ({
  eventType,
  timestamp: '2026-11-21T02:50:19.105Z',
  version: 'v2.0',
  ...fields,
})

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

/** The settings of an input that takes what `putEvents` sends. */
export const mobileInput = (fields: Record<string, unknown> = {}) => ({
  mobile_analytics: { app_id: 'demo-app', access_keys: [accessKey], ...fields },
})

/** What a client reads of an answer. */
export const readAnswer = async (answer: Response) => {
  const text = await answer.text()
  return {
    status: answer.status,
    type: answer.headers.get('x-amzn-errortype'),
    message: text === '' ? undefined : (JSON.parse(text) as { message?: string }).message,
  }
}
