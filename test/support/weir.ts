import { listDurableObjectIds, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { expect, vi } from 'vitest'
import type { ConnectionStatus } from '../../worker/admin/answers/connections'
import { gate } from './gate-client'

export const adminToken = 'test-admin-token'

/** A request to the worker, as from outside. */
export const request = (path: string, init?: RequestInit): Promise<Response> =>
  exports.default.fetch(new Request(`https://weir.test${path}`, init))

export const admin = (path: string, init: RequestInit = {}): Promise<Response> =>
  request(`/admin/v1${path}`, {
    ...init,
    headers: { authorization: `Bearer ${adminToken}`, ...init.headers },
  })

export const put = (path: string, body: unknown): Promise<Response> =>
  admin(path, { method: 'PUT', body: JSON.stringify(body) })

export const keys = { access_key_id: 'AKIDTEST', secret_access_key: 'test-secret' }

let count = 0

export interface Seeded {
  key: string
  bucket: string
  queue: string
}

/**
 * Saves a workspace with one input, an S3 and an SQS connection, on a bucket and a queue of its own.
 * The ids are new each time, so that tests share nothing.
 */
export const seed = async (
  given: {
    s3?: Record<string, unknown> | false
    sqs?: Record<string, unknown> | false
    input?: Record<string, unknown>
    fifo?: boolean
  } = {}
): Promise<Seeded> => {
  count += 1
  const name = `t${count}-${crypto.randomUUID().slice(0, 8)}`
  const bucket = `bucket-${name}`
  const queue = `queue-${name}${given.fifo ? '.fifo' : ''}`
  await gate.makeBucket(bucket)
  await gate.makeQueue(queue, given.fifo ? { FifoQueue: 'true' } : {})
  const settings = { ...keys, endpoint_url: gate.url }
  const connections = [
    ...(given.s3 === false
      ? []
      : [
          {
            id: `s3-${name}`,
            input: name,
            output: 'lake',
            settings: { bucket_name: bucket, store_by_date: 'none', file_seconds: 5, ...given.s3 },
          },
        ]),
    ...(given.sqs === false
      ? []
      : [
          {
            id: `sqs-${name}`,
            input: name,
            output: 'queue',
            settings: { queue_url: gate.queueUrl(queue), ...given.sqs },
          },
        ]),
  ]
  const saved = await put('/workspace?discard=true', {
    inputs: [{ id: name, key: `key-${name}`, ...given.input }],
    outputs: [
      { id: 'lake', kind: 's3', settings },
      { id: 'queue', kind: 'sqs', settings },
    ],
    connections,
  })
  if (!saved.ok) throw new Error(await saved.text())
  return { key: `key-${name}`, bucket, queue }
}

export const s3Connection = (seeded: Seeded): string => seeded.key.replace('key-', 's3-')
export const sqsConnection = (seeded: Seeded): string => seeded.key.replace('key-', 'sqs-')

export const upload = (key: string, batch: unknown, init: RequestInit = {}): Promise<Response> =>
  request(`/webevents/v3/JS/${key}/events`, {
    method: 'POST',
    body: typeof batch === 'string' ? batch : JSON.stringify(batch),
    ...init,
  })

/** A batch of custom events with these names. */
export const batchOf = (names: string[], fields: Record<string, unknown> = {}) => ({
  source_request_id: crypto.randomUUID(),
  mpid: '7000000000001000004',
  mp_deviceid: 'e4c07f48-7aff-48a2-b5fa-891bef04778e',
  events: names.map((event_name) => ({
    event_type: 'custom_event',
    data: { event_name, custom_event_type: 'other', timestamp_unixtime_ms: 1795229708345 },
  })),
  ...fields,
})

export const status = async (connection: string): Promise<ConnectionStatus> =>
  (await admin(`/connections/${connection}/status`)).json()

type Alarmed = 'PROFILE' | 'OUTBOX' | 'DIRECTORY'

type Ids = Awaited<ReturnType<typeof listDurableObjectIds>>

// An alarm that the platform has set off by itself is null while it runs, although something waits.
const isDraining = (outbox: DurableObjectStub): Promise<boolean> =>
  runInDurableObject(outbox, async (_, { storage }) => {
    if ((await storage.getAlarm()) !== null) return false
    const has = (sql: string) => storage.sql.exec(sql).toArray().length > 0
    return (
      has("SELECT 1 FROM sqlite_master WHERE name = 'segments'") &&
      has('SELECT 1 FROM segments LIMIT 1')
    )
  })

const untilIdle = (outbox: DurableObjectStub): Promise<void> =>
  vi.waitFor(async () => expect(await isDraining(outbox)).toBe(false), { timeout: 5000 })

/** Runs the alarms that are set on objects of a class, or on some, whether or not they are due. */
export const runAlarms = async (
  name: Alarmed,
  choose: (all: Ids) => Ids = (all) => all
): Promise<void> => {
  const namespace = env[name] as unknown as DurableObjectNamespace
  const stubs = choose(await listDurableObjectIds(namespace)).map((id) => namespace.get(id))
  if (name === 'OUTBOX') await Promise.all(stubs.map(untilIdle))
  await Promise.all(stubs.map((stub) => runDurableObjectAlarm(stub)))
}

/** Faked clock moved on; only `Date` is fake, so real I/O goes on. `vi.useRealTimers` ends it. */
export const moveClock = (ms: number): void => {
  if (!vi.isFakeTimers()) vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
  vi.setSystemTime(Date.now() + ms)
}

/** Lets the device windows (5 s in tests) end and hands them on. */
export const passWindow = async (): Promise<void> => {
  moveClock(6_000)
  await runAlarms('PROFILE')
}

/** Lets the outboxes deliver what is due; `seed` makes files of five seconds. */
export const passFile = async (): Promise<void> => {
  moveClock(6_000)
  await runAlarms('OUTBOX')
}

/** The batches in a bucket, oldest file first. */
export const linesIn = async (bucket: string): Promise<Record<string, unknown>[]> =>
  (await gate.objects(bucket))
    .sort((a, b) => a.key.localeCompare(b.key))
    .flatMap((object) => object.text.split('\n').filter((line) => line !== ''))
    .map((line) => JSON.parse(line))

/** The names of the events in some batches, in order. */
export const eventNames = (batches: Record<string, unknown>[]): unknown[] =>
  batches.flatMap((batch) =>
    (batch.events as { data: { event_name?: string } }[]).map((event) => event.data.event_name)
  )

/** Asserts that every event that was accepted is accounted for. */
export const expectBalance = ({ ledger }: ConnectionStatus): void => {
  const filtered = Object.values(ledger.filtered).reduce((sum, count) => sum + count, 0)
  expect(ledger.accepted).toBe(ledger.delivered + filtered + ledger.dead + ledger.waiting)
}
