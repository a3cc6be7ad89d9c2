import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Made, pick, type Random, seeded } from './events'

const customAttributes = ({ numbers, texts }: Made) => ({
  custom_attributes: { ...numbers, ...texts, isNew: true, nothing: null },
})

const productAction = ({ products, totalAmount }: Made) => ({
  action: 'purchase',
  ...(totalAmount === undefined ? {} : { total_amount: totalAmount }),
  products,
})

const batchTypes = {
  session: 'session_start',
  purchase: 'commerce_event',
  custom: 'custom_event',
  other: 'screen_view',
}

const batchEvent = (event: Made) => ({
  event_type: batchTypes[event.type],
  data: {
    timestamp_unixtime_ms: String(event.ms),
    event_id: event.id,
    ...(event.type === 'other' ? { screen_name: 'Start' } : {}),
    ...(event.type === 'custom' ? { event_name: event.name, ...customAttributes(event) } : {}),
    ...(event.type === 'purchase'
      ? { currency_code: event.currency ?? null, product_action: productAction(event) }
      : {}),
  },
})

/** A line as the S3 output writes it. */
export const batchLine = (mpid: string, events: Made[]): string =>
  JSON.stringify({
    environment: 'production',
    mpid,
    user_attributes: {},
    batch_id: '1',
    events: events.map(batchEvent),
    user_identities: [],
    schema_version: 2,
    message_type: 'events',
  })

const recordTypes = {
  session: '_session.start',
  purchase: '_monetization.purchase',
  custom: '',
  other: '_session.stop',
}

/** A line of `record_format: mobile_analytics_event`; without `client_id`, its context has it. */
export const recordLine = (event: Made, hasClientId = true): string => {
  const [product] = event.products
  const context = { client: { client_id: event.client, app_title: 'A "B"' }, env: {} }
  return JSON.stringify({
    application_key: 'app',
    event_type: event.name ?? recordTypes[event.type],
    timestamp: event.ms,
    arrival_timestamp: event.ms + 2000,
    unique_id: `u${event.id}`,
    ...(hasClientId ? { client_id: event.client } : {}),
    attributes: {
      ...event.texts,
      ...(event.currency ? { _currency: event.currency } : {}),
      '_session.startTime': String(event.ms),
      _clientContext: JSON.stringify(context),
    },
    metrics: {
      ...event.numbers,
      ...(product ? { _item_price: product.price } : {}),
      ...(product?.quantity === undefined ? {} : { _quantity: product.quantity }),
    },
  })
}

const eventOf = (more: Partial<Made>): Made => ({
  id: '1',
  ms: Date.UTC(2025, 2, 1),
  client: 'nobody',
  type: 'session',
  numbers: {},
  texts: {},
  products: [],
  ...more,
})

/** Lines that no KPI may notice, with what the program counts them as. */
export const strayLines: [line: string, counter: string][] = [
  ['{"mpid":"1","events":[{"event_type":"session_st', 'malformed_lines'],
  ['not json at all', 'malformed_lines'],
  ['[1,2,3]', 'malformed_lines'],
  ['{}', 'lines_without_events'],
  [batchLine('8', []), 'lines_without_events'],
  ['{"mpid":"9","events":"none"}', 'lines_without_events'],
  ['{"message_type":"alias_request","data":{"source_mpid":"1"}}', 'alias_requests'],
  [recordLine(eventOf({ id: 'a', ms: 0 })), 'undated_events'],
  [recordLine(eventOf({ id: 'b', ms: Date.UTC(2090, 0, 1) })), 'undated_events'],
  [batchLine('7', [eventOf({ id: 'c', ms: 8.64e15 })]), 'undated_events'],
  [batchLine('7', [eventOf({ id: 'd', ms: Number.NaN })]), 'undated_events'],
]

/** The events in lines of both kinds, some lines twice, in a random order. */
export const makeLines = (events: Made[], seed: number): { lines: string[]; repeats: number } => {
  const random = seeded(seed)
  const waiting = new Map<string, Made[]>()
  const lines: string[] = []
  let repeats = 0
  const add = (line: string, count: number) => {
    lines.push(line)
    if (random() >= 0.1) return
    lines.push(line)
    repeats += count
  }
  for (const event of events) {
    if (random() < 0.5) {
      add(recordLine(event, random() < 0.7), 1)
      continue
    }
    const batch = [...(waiting.get(event.client) ?? []), event]
    const isFull = batch.length > random() * 5
    if (isFull) add(batchLine(event.client, batch), batch.length)
    waiting.set(event.client, isFull ? [] : batch)
  }
  for (const [client, batch] of waiting)
    if (batch.length > 0) add(batchLine(client, batch), batch.length)
  return { lines: shuffled(lines, random), repeats }
}

const shuffled = <T>(items: T[], random: Random): T[] =>
  items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)

export const writeFile = (folder: string, name: string, content: string): void => {
  const file = join(folder, name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, name.endsWith('.gz') ? gzipSync(content) : content)
}

/** Files as weir names them, in date folders and beside them, plain and compressed. */
export const writeFiles = (folder: string, lines: string[], seed: number): void => {
  const random = seeded(seed)
  const files = Array.from({ length: 12 }, (_, index) => {
    const date = index % 3 === 0 ? '' : `2025-03-${10 + index}/`
    return `${date}App_20250310120000${String(index).padStart(6, '0')}_00001.txt${index % 2 ? '.gz' : ''}`
  })
  const contents = new Map<string, string[]>(files.map((name) => [name, []]))
  for (const line of lines) contents.get(pick(random, files))?.push(line)
  for (const [name, own] of contents) writeFile(folder, name, `${own.join('\n')}\n`)
  writeFile(folder, 'weir_Bucket_Verification_20250310-120000.txt', '{}')
}
