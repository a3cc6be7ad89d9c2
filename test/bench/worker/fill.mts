import type { Bindings } from '../../../worker/config/deployment'
import type { HandOff } from '../../../worker/delivery'

let handed = 0

const handOff = (chars: number, lane: string): HandOff => {
  const id = `bench-${++handed}`
  const mpid = String(handed)
  const text = JSON.stringify({ id, filler: 'x'.repeat(Math.max(0, chars - 40)) })
  return {
    id,
    version: 0,
    since_ms: Date.now(),
    accepted: 1,
    filtered: {},
    deliveries: [{ id, text, events: 1, mpid, lane, attributes: lane === '' ? { mpid } : {} }],
  }
}

/** Hands `count` deliveries to one outbox, by as many callers at once as `callers` says. */
export const fill = async (env: Bindings, query: URLSearchParams): Promise<Response> => {
  const number = (name: string): number => Number(query.get(name))
  const [name = '', lane = ''] = [query.get('outbox') ?? '', query.get('lane') ?? '']
  let left = number('count')
  let refused = 0
  const caller = async (): Promise<void> => {
    while (left-- > 0) {
      const one = handOff(number('chars'), lane)
      const outbox = env.OUTBOX.getByName(name)
      while (!(await outbox.enqueue(name, one)).taken) refused += 1
    }
  }
  await Promise.all(Array.from({ length: number('callers') }, caller))
  return new Response(JSON.stringify({ refused }))
}
