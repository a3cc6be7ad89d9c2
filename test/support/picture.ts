import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import { isAndroid, sessionOf } from '../../worker/batch'
import { applyAlias } from '../../worker/connections/alias'
import type { ConnectionSettings } from '../../worker/connections/settings'
import type { Delivery } from '../../worker/delivery'
import { laneDueMs } from '../../worker/outbox/sending/schedule'
import { type Candidate, openTarget } from '../../worker/outbox/sending/target'
import { type OutputKindId, outputKinds } from '../../worker/outputs'
import { isTarget, type Target } from '../../worker/outputs/target'
import { type WindowKind, windowKind } from '../../worker/profiles/upload'
import { type AwsCall, assumedRole, scriptAws, takenBatch } from './aws-answers'
import { applyParts, type Message, mpid, partOf, receivedMs } from './outbound'
import { aliasRequest, type DayBatch, day } from './rich-batch'

export interface SentMessage extends Pick<Delivery, 'lane' | 'events' | 'attributes'> {
  body: Message
}

export interface SentBatch {
  window: WindowKind
  accepted: number
  filtered: Record<string, number>
  deliveries: SentMessage[]
}

/** All that a connection does, as far as a setting can change it. */
export interface Picture {
  batches: Record<DayBatch, SentBatch>
  aliases: SentMessage[]
  retention_hours: number
  /** S3: a file's key, and when it is written after its first line, ms. */
  file?: { key: string; smallDueMs: number; mediumDueMs: number }
  calls: AwsCall[]
  signatures: string[]
}

export type Given = Record<string, unknown>

/** The kinds whose settings change what is sent; integrations have permissions for that. */
export type Kind = Exclude<OutputKindId, 'firehose'>

const bases: Record<Kind, Given> = {
  s3: { bucket_name: 'mp-forwarding-events', store_by_date: 'none' },
  sqs: { queue_url: 'https://sqs.us-east-1.amazonaws.com/123456789012/events' },
}
const keys = { access_key_id: 'AKIDTEST', secret_access_key: 'test-secret' }
const lane = (bytes: number) => ({ bytes, opened_ms: receivedMs, deliveries: 1 })

const sentMessage = ({ text, lane, events, attributes }: Delivery): SentMessage => ({
  body: JSON.parse(text),
  lane,
  events,
  ...(attributes ? { attributes } : {}),
})

const sentBatch = (name: DayBatch, settings: ConnectionSettings): SentBatch => {
  const { body, edge, kept } = { kept: undefined, ...day[name] }
  const part = partOf(body, { edge })
  const made = kept === undefined ? undefined : part.events[kept]
  if (made) made.neededSetting = 'keep_session_attributes'
  const [first] = part.events
  const android = isAndroid(part.batch)
  const { deliveries, ...counts } = applyParts([part], settings)
  return {
    window: windowKind(settings, { android, session: first && sessionOf(first.event) }),
    ...counts,
    deliveries: deliveries.map(sentMessage),
  }
}

const deliverOne = async (target: Target, file: Picture['file']): Promise<void> => {
  if (!target.isQueue) await target.put(file?.key ?? '', ['\n'])
  else if (!target.needsContact) {
    const attributes = { mpid, input: 'web' }
    await target.send([{ id: 'd-0', text: '{}', events: 1, mpid, lane: '', attributes }])
  }
}

const fileOf = (target: Target, candidate: Candidate): Picture['file'] => {
  if (target.isQueue) return undefined
  const now = { ms: receivedMs, random: () => 0.123456 }
  return {
    key: target.fileKey('2026-11-21/Demo-Shop', now),
    smallDueMs: laneDueMs(candidate, lane(100)),
    mediumDueMs: laneDueMs(candidate, lane(70_000)),
  }
}

/** What a connection with these settings, beside those that must be, does with a day's batches. */
export const pictureOf = async (kind: Kind, given: Given): Promise<Picture> => {
  const { configuration, readConnection } = outputKinds[kind]
  const ofOutput = (id: string) => Object.hasOwn(configuration, id)
  const pick = (wanted: boolean): Given =>
    Object.fromEntries(
      Object.entries({ ...bases[kind], ...keys, ...given }).filter(
        ([id]) => ofOutput(id) === wanted
      )
    )
  const settings = readConnection(pick(false))
  const output = { id: 'output', name: '', kind, settings: pick(true) }
  const candidate = { id: 'connection', output, settings: pick(false), isOfAudiences: false }
  const target = await openTarget(candidate, env)
  if (!isTarget(target)) throw new Error(JSON.stringify(target))
  const { calls, signatures } = scriptAws((call) => {
    if (call.signed.service === 'sts') return assumedRole(Date.now() + 3_600_000)
    return call.signed.service === 'sqs' ? takenBatch(call) : new Response(null)
  })
  const file = fileOf(target, candidate)
  await deliverOne(target, file)
  vi.restoreAllMocks()
  const alias = { id: 'alias', mpid, input: { id: 'web' }, identityTimes: {} }
  return {
    batches: {
      rich: sentBatch('rich', settings),
      eventless: sentBatch('eventless', settings),
      historical: sentBatch('historical', settings),
      android: sentBatch('android', settings),
    },
    aliases: applyAlias(aliasRequest, receivedMs, settings, alias).map(sentMessage),
    retention_hours: target.retention_hours,
    ...(file ? { file } : {}),
    calls,
    signatures,
  }
}
