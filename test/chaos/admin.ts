import { type Answered, type Asked, ask } from './http'
import { wait } from './random'

export const adminToken = 'chaos-admin-token'

/** The part of a connection's status that is looked at. */
export interface ConnectionStatus {
  id: string
  state: string
  waiting: { deliveries: number }
  ledger: {
    accepted: number
    delivered: number
    filtered: Record<string, number>
    dead: number
    waiting: number
  }
}

type AskedAdmin = Pick<Asked, 'method'> & { body?: string }

const askAdmin = (url: string, path: string, asked: AskedAdmin): Promise<Answered> => {
  const headers = { authorization: `Bearer ${adminToken}` }
  return ask(`${url}/admin/v1${path}`, { ...asked, headers, timeoutMs: 15_000 })
}

/** Calls the admin API; throws unless it answers with success. */
export const callAdmin = async (
  url: string,
  path: string,
  asked: AskedAdmin = { method: 'GET' }
): Promise<string> => {
  const { status, text } = await askAdmin(url, path, asked)
  if (status < 200 || status > 299) throw new Error(`${path} answered ${status}: ${text}`)
  return text
}

export const statuses = async (url: string): Promise<ConnectionStatus[]> =>
  JSON.parse(await callAdmin(url, '/status')).connections

/** The owner of the outputs: has mended whatever it was, again and again. */
export const mendAlways = async (
  url: string,
  connections: string[],
  isOver: () => boolean
): Promise<void> => {
  while (!isOver()) {
    for (const id of connections) {
      // The worker may be down just now.
      await callAdmin(url, `/connections/${id}/retry`, { method: 'POST' }).catch(() => undefined)
    }
    await wait(1000)
  }
}

const openWindows = async (url: string, mpids: string[]): Promise<string[]> => {
  const open: string[] = []
  for (const mpid of mpids) {
    const { status, text } = await askAdmin(url, `/profiles/${mpid}`, { method: 'GET' })
    // A profile that is not there holds nothing; the buckets will say what is missing.
    if (status === 404) continue
    if (status !== 200) open.push(`the profile ${mpid} answers ${status}`)
    else if (JSON.parse(text).open_windows > 0) open.push(`${mpid} has open windows`)
  }
  return open
}

const waiting = async (url: string): Promise<string[]> =>
  (await statuses(url))
    .filter((one) => one.waiting.deliveries > 0)
    .map((one) => `${one.id} has ${one.waiting.deliveries} deliveries waiting (${one.state})`)

/**
 * Waits until no profile holds events and nothing waits in an outbox.
 *
 * @returns what is still there after `patienceMs`
 */
export const drained = async (
  url: string,
  mpids: string[],
  patienceMs: number
): Promise<string[]> => {
  const until = Date.now() + patienceMs
  let left: string[] = []
  while (Date.now() < until) {
    // Profiles first: what they have handed on is then in the outboxes or gone from them.
    left = await openWindows(url, mpids)
    if (left.length === 0) left = await waiting(url)
    if (left.length === 0) return []
    await wait(200)
  }
  return left
}
