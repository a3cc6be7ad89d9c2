import { Hono } from 'hono'
import { isObject } from '../../base/json'
import { problem, RequestError } from '../../base/problem'
import type { Bindings } from '../../config/deployment'
import type { Connection } from '../../config/workspace-file'
import { isQueueLane } from '../../delivery'
import { outboxesOf } from '../../outbox/shards'
import type { DeadLetter } from '../../outbox/store/dead-letters'
import { fileText, readMessages, storedLines } from '../../outbox/store/message'
import type {
  DeadLetters,
  Deleted,
  Replayed,
  DeadLetter as ShownLetter,
} from '../answers/connections'
import { type AdminContext, type AdminEnv, readJson } from '../request'

type FindConnection = (env: Bindings, id: string) => Promise<Connection>

const pageSize = 50
const allAtOnce = 1000

/** `<shard>-<number>`: numbers are unique within a shard only. */
const letterId = (shard: number, id: number): string => `${shard}-${id}`

const readLetterId = (text: unknown): { shard: number; id: number } | undefined => {
  const [, shard, id] = /^(\d{1,3})-(\d{1,15})$/.exec(String(text)) ?? []
  return shard && id ? { shard: Number(shard), id: Number(id) } : undefined
}

// Payloads are the messages or lines that would have been sent.
const shown = (letter: DeadLetter, shard: number): ShownLetter => ({
  id: letterId(shard, letter.id),
  at_ms: letter.at_ms,
  reason: letter.reason,
  deliveries: letter.deliveries,
  events: letter.events,
  payloads: isQueueLane(letter.lane)
    ? readMessages(letter.body).map((message) => message.text)
    : storedLines(fileText(letter.body)),
})

/** `{"ids": [...]}` or `{"all": true}`, by shard. */
const readSelection = async (
  context: AdminContext,
  outboxes: ReturnType<typeof outboxesOf>
): Promise<Map<number, number[]>> => {
  const body = await readJson(context)
  const { all, ids } = isObject(body) ? body : {}
  const byShard = new Map<number, number[]>()
  if (all === true) {
    for (const [shard, outbox] of outboxes.entries()) {
      byShard.set(shard, await outbox.deadLetterIds(allAtOnce))
    }
    return byShard
  }
  const isList = Array.isArray(ids) && ids.length <= allAtOnce
  const letters = isList ? ids.map(readLetterId) : [undefined]
  for (const letter of letters) {
    if (!letter || letter.shard >= outboxes.length) {
      const message = `Send {"ids": [...]} with at most ${allAtOnce} ids of dead letters, or {"all": true}.`
      throw new RequestError(422, [problem('invalid', 'ids', message)])
    }
    byShard.set(letter.shard, [...(byShard.get(letter.shard) ?? []), letter.id])
  }
  return byShard
}

export const deadLetterRoutes = (findConnection: FindConnection) => {
  const routes = new Hono<AdminEnv>()
  const path = '/connections/:id/dead-letters'

  routes.get(path, async ({ env, req, json }) => {
    const outboxes = outboxesOf(env, await findConnection(env, req.param('id')))
    const before = readLetterId(req.query('before')) ?? {
      shard: 0,
      id: Number.MAX_SAFE_INTEGER,
    }
    const letters = []
    for (const [shard, outbox] of outboxes.entries()) {
      if (shard < before.shard || letters.length >= pageSize) continue
      const from = shard === before.shard ? before.id : Number.MAX_SAFE_INTEGER
      const page = await outbox.deadLetters(pageSize - letters.length, from)
      letters.push(...page.map((letter) => shown(letter, shard)))
    }
    // A page may be cut off by its size, so only an empty page is certainly the last.
    const next = letters.at(-1)?.id
    return json<DeadLetters>({ dead_letters: letters, ...(next ? { next } : {}) })
  })

  routes.post(`${path}/replay`, async (context) => {
    const { env, req, json } = context
    const outboxes = outboxesOf(env, await findConnection(env, req.param('id')))
    let replayed = 0
    for (const [shard, ids] of await readSelection(context, outboxes)) {
      replayed += (await outboxes[shard]?.replay(ids)) ?? 0
    }
    return json<Replayed>({ replayed })
  })

  routes.delete(path, async (context) => {
    const { env, req, json } = context
    const outboxes = outboxesOf(env, await findConnection(env, req.param('id')))
    let deleted = 0
    for (const [shard, ids] of await readSelection(context, outboxes)) {
      deleted += (await outboxes[shard]?.discard(ids)) ?? 0
    }
    return json<Deleted>({ deleted })
  })

  return routes
}
