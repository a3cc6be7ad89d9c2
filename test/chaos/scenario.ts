import type { Credentials, Gate } from '../support/gate/gate'
import { statuses } from './admin'
import {
  disorder,
  doubles,
  imbalance,
  missing,
  readBucket,
  readQueue,
  strayCopies,
  wrongMpids,
} from './check'
import { type AudienceId, audiences, expectedChanges } from './members'
import { toldToBucket, toldToQueue, wrongChanges } from './triggers'
import type { PlannedUpload } from './uploads'

interface Place {
  id: string
  bucket?: string
  queue?: string
}

/** Where the events of the one input go, and what audiences raise. */
export const connections: Place[] = [
  { id: 'lake', bucket: 'chaos-lake' },
  { id: 'singles', bucket: 'chaos-singles' },
  { id: 'queue', queue: 'chaos-queue' },
  { id: 'told-lake', bucket: 'chaos-told-lake' },
  { id: 'told-queue', queue: 'chaos-told-queue' },
]

const selected = {
  'told-lake': ['rich', 'payers', 'quiet', 'elite', 'warming', 'fans'],
  'told-queue': ['fans', 'elite', 'rich'],
} satisfies Record<string, AudienceId[]>

export const workspace = (awsUrl: string, { accessKeyId, secretAccessKey }: Credentials) => {
  const settings = {
    access_key_id: accessKeyId,
    secret_access_key: secretAccessKey,
    endpoint_url: awsUrl,
  }
  const file = { store_by_date: 'none', file_seconds: 1 }
  return {
    inputs: [{ id: 'chaos', key: 'chaos-key' }],
    outputs: [
      { id: 's3', kind: 's3', settings },
      { id: 'sqs', kind: 'sqs', settings },
    ],
    connections: [
      {
        id: 'lake',
        input: 'chaos',
        output: 's3',
        settings: { ...file, bucket_name: 'chaos-lake', use_compression: true },
      },
      {
        id: 'singles',
        input: 'chaos',
        output: 's3',
        shards: 2,
        settings: {
          ...file,
          bucket_name: 'chaos-singles',
          file_seconds: 2,
          file_bytes: 65_536,
          send_as_batch: false,
          send_screen_views: false,
        },
      },
      {
        id: 'queue',
        input: 'chaos',
        output: 'sqs',
        settings: { queue_url: `${awsUrl}/000000000000/chaos-queue` },
      },
      {
        id: 'told-lake',
        audiences: selected['told-lake'],
        output: 's3',
        shards: 2,
        settings: { ...file, bucket_name: 'chaos-told-lake' },
      },
      {
        id: 'told-queue',
        audiences: selected['told-queue'],
        output: 'sqs',
        settings: {
          queue_url: `${awsUrl}/000000000000/chaos-told-queue`,
          aws_region: 'us-east-1',
          existing_users: true,
          message_attributes: ['who'],
        },
      },
    ],
    audiences,
  }
}

/** What came out at the other end. */
export interface Landed {
  problems: string[]
  objects: number
  messages: number
  /** Messages in the queue beyond the first of their id. */
  duplicates: number
  /** Enters and exits that were told. */
  changes: number
}

interface ToldPlaces {
  problems: string[]
  /** Enters and exits that each connection must have accepted. */
  accepted: Record<string, number>
}

const judgeTold = async (gate: Gate, uploads: PlannedUpload[]): Promise<ToldPlaces> => {
  const lake = expectedChanges(uploads, selected['told-lake'])
  const queue = expectedChanges(uploads, selected['told-queue'])
  const count = (expected: Map<string, string[]>): number =>
    [...expected.values()].flat().flatMap((text) => text.split(', ')).length
  return {
    problems: [
      ...wrongChanges('the told lake', await toldToBucket(gate, 'chaos-told-lake'), lake),
      ...wrongChanges('the told queue', await toldToQueue(gate, 'chaos-told-queue'), queue),
    ],
    accepted: { 'told-lake': count(lake), 'told-queue': count(queue) },
  }
}

/** Looks into buckets, queue and ledgers for what should not be. */
export const judge = async (gate: Gate, url: string, uploads: PlannedUpload[]): Promise<Landed> => {
  const lake = await readBucket(gate, 'chaos-lake')
  const singles = await readBucket(gate, 'chaos-singles')
  const queue = await readQueue(gate, 'chaos-queue')
  const all = new Set(uploads.flatMap((upload) => upload.events))
  const passed = new Set([...all].filter((id) => !id.endsWith('s')))
  const byDevice = ({ mpid, device, environment }: PlannedUpload): string =>
    `${mpid} ${device} ${environment}`
  const byProfile = ({ mpid }: PlannedUpload): string => mpid
  const told = await judgeTold(gate, uploads)
  const ledgers = (await statuses(url)).flatMap((status) => {
    const filtered = status.id === 'singles' ? all.size - passed.size : 0
    return imbalance(status, { accepted: told.accepted[status.id] ?? all.size, filtered })
  })
  const refusals = gate.refusals.map(({ action, reason }) => `${action} was refused: ${reason}.`)
  const isUnanswered = uploads.some((upload) => upload.acknowledged === 0)
  return {
    problems: [
      ...(isUnanswered ? ['Some uploads were never acknowledged.'] : []),
      ...missing('the lake', all, lake.landings),
      ...doubles('the lake', lake.landings),
      ...disorder('the lake', lake.landings, { uploads, streamOf: byDevice }),
      ...wrongMpids('the lake', lake.landings, uploads),
      ...missing('the singles', passed, singles.landings),
      ...doubles('the singles', singles.landings),
      ...disorder('the singles', singles.landings, { uploads, streamOf: byProfile }),
      ...missing('the queue', all, queue),
      ...strayCopies('the queue', queue),
      ...told.problems,
      ...ledgers,
      ...refusals,
    ],
    objects: lake.objects + singles.objects,
    messages: queue.length,
    duplicates: queue.length - new Set(queue.map((one) => one.messageId)).size,
    changes: told.accepted['told-lake'] ?? 0,
  }
}
