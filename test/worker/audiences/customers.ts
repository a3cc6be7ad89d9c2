import { expect, vi } from 'vitest'
import { batchOf, keys, put, runAlarms, upload } from '../../support/weir'

interface ShopConfig {
  audiences: object[]
  /** Of the connection. */
  select: string[]
  settings?: Record<string, unknown>
  output?: 'sqs' | 's3'
  enabled?: boolean
}

export interface Customers {
  key: string
  /** Its id. */
  connection: string
  place: string
  save: (given: ShopConfig) => Promise<void>
}

interface SegmentEvent {
  id: string
  event: string
  enter: string
  exit: string
  slug: string
}

export interface TriggerMessage {
  body: {
    data: Record<string, unknown> & { segment_events: SegmentEvent[] }
    meta: { object: string; subscription_id: string; timestamp: string }
  }
  attributes: Record<string, { DataType: string; StringValue: string }>
}

const queues = new Map<string, TriggerMessage[]>()
const buckets = new Map<string, Map<string, string>>()

const takeMessages = (body: string): Response => {
  const { QueueUrl, Entries } = JSON.parse(body)
  const queue = queues.get(QueueUrl.split('/').at(-1)) ?? []
  for (const { MessageBody, MessageAttributes } of Entries) {
    queue.push({ body: JSON.parse(MessageBody), attributes: MessageAttributes })
  }
  queues.set(QueueUrl.split('/').at(-1), queue)
  return Response.json({
    Successful: Entries.map(({ Id }: { Id: string }) => ({ Id, MessageId: Id })),
    Failed: [],
  })
}

/**
 * SQS and S3 that accept any signature time: days pass in these tests, which the real ones reject.
 */
const scriptAws = (): void => {
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const request = new Request(input as Request, init as RequestInit)
    const { hostname, pathname } = new URL(request.url)
    if (hostname.startsWith('sqs.')) {
      return takeMessages(new TextDecoder().decode(await request.arrayBuffer()))
    }
    const bucket = hostname.split('.')[0] ?? ''
    const objects = buckets.get(bucket) ?? new Map()
    buckets.set(bucket, objects.set(pathname, await request.text()))
    return new Response()
  })
}

const outputs = [
  { id: 'queue', kind: 'sqs', settings: keys },
  { id: 'lake', kind: 's3', settings: keys },
]

/** A shop with audiences and a connection for them, to a separate queue or bucket. */
export const customers = async (first: ShopConfig): Promise<Customers> => {
  scriptAws()
  const name = crypto.randomUUID().slice(0, 8)
  const save = async ({
    audiences,
    select,
    settings = {},
    output = 'sqs',
    enabled = true,
  }: ShopConfig) => {
    const place =
      output === 'sqs'
        ? {
            queue_url: `https://sqs.us-east-1.amazonaws.com/123456789012/q-${name}`,
            aws_region: 'us-east-1',
          }
        : { bucket_name: `b-${name}`, store_by_date: 'none', file_seconds: 5 }
    const connection = {
      id: `told-${name}`,
      audiences: select,
      enabled,
      output: output === 'sqs' ? 'queue' : 'lake',
      settings: { ...place, ...settings },
    }
    const saved = await put('/workspace?discard=true&verify=false', {
      inputs: [{ id: 'shop', key: `key-${name}` }],
      outputs,
      connections: select.length > 0 ? [connection] : [],
      audiences,
    })
    expect(saved.status, await saved.clone().text()).toBe(200)
  }
  await save(first)
  return { key: `key-${name}`, connection: `told-${name}`, place: name, save }
}

/** Uploads a batch of events with these names; returns it. */
export const track = async (
  shop: Customers,
  mpid: string,
  names: string[],
  fields: Record<string, unknown> = {}
) => {
  const events = names.map((event_name) => ({
    event_type: 'custom_event',
    data: { event_name, timestamp_unixtime_ms: Date.now() },
  }))
  const batch = { ...batchOf([], { mpid }), ...(names.length > 0 ? { events } : {}), ...fields }
  expect((await upload(shop.key, batch)).status).toBe(202)
  return batch
}

/** Lets triggers reach their outboxes and these deliver. */
export const passTriggers = async (): Promise<void> => {
  await runAlarms('PROFILE')
  const isFake = vi.isFakeTimers()
  if (!isFake) vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
  const now = Date.now()
  vi.setSystemTime(now + 6_000)
  await runAlarms('OUTBOX')
  if (isFake) vi.setSystemTime(now)
  else vi.useRealTimers()
}

export const triggersIn = async ({ place }: Customers): Promise<TriggerMessage[]> =>
  queues.get(`q-${place}`) ?? []

export const triggersInBucket = async ({ place }: Customers): Promise<unknown[]> =>
  [...(buckets.get(`b-${place}`)?.values() ?? [])]
    .flatMap((text) => text.trimEnd().split('\n'))
    .map((line) => JSON.parse(line))

export const eventsOf = ({ body }: TriggerMessage): SegmentEvent[] => body.data.segment_events
