import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Batch {
  application_info?: { application_name?: string }
  device_info?: Record<string, string>
  source_info?: { channel?: string }
  events: {
    event_type: string
    data: Record<string, string> & { event_name?: string; custom_attributes?: object }
  }[]
}

const linesOf = (path: string): string[] =>
  existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean) : []

const bucket = (folder: string): Batch[] => {
  const root = join(folder, 'aws/s3')
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.txt'))
    .flatMap((name) => linesOf(join(root, name)))
    .map((line) => JSON.parse(line))
}

const queue = (folder: string): Batch[] =>
  linesOf(join(folder, 'aws/sqs/weir-demo.ndjson')).map((line) => JSON.parse(JSON.parse(line).body))

/** What has landed of an app, known by its title, in the folder of a started weir. */
export const landedOf = (folder: string, title: string): { bucket: Batch[]; queue: Batch[] } => {
  const isOfApp = (batch: Batch) => batch.application_info?.application_name === title
  return { bucket: bucket(folder).filter(isOfApp), queue: queue(folder).filter(isOfApp) }
}

/** The events of batches by what tells them apart: type, name and the id that their client's request gave them. */
export const eventsOf = (batches: Batch[]) =>
  batches.flatMap(({ events }) =>
    events.map(({ event_type, data }) => ({
      name: data.event_name ?? event_type,
      id: data.source_message_id ?? '',
      ms: Number(data.timestamp_unixtime_ms),
    }))
  )
