import { expect } from 'vitest'
import type { Applied } from '../../worker/connections/context'
import type { Part } from '../../worker/connections/outbound'
import type { ConnectionSettings } from '../../worker/connections/settings'
import { applyParts, s3Settings, sqsSettings } from './outbound'

type Given = Record<string, unknown>
const records = { record_format: 'mobile_analytics_event' }
export const s3Records = (given: Given = {}) => s3Settings({ ...records, ...given })
export const sqsRecords = (given: Given = {}) => sqsSettings({ ...records, ...given })

/** A flattened record as its reader parses it. */
export interface Line {
  event_type: string
  unique_id: string
  client_id: string
  timestamp: number
  arrival_timestamp: number
  attributes: Record<string, string>
  metrics: Record<string, number>
  [name: string]: unknown
}

export const linesOf = ({ deliveries }: Applied): Line[] =>
  deliveries.map((one) => JSON.parse(one.text))

const balanced = ({ accepted, filtered, deliveries }: Applied): void => {
  const left = Object.values(filtered).reduce((sum, count) => sum + count, 0)
  const sent = deliveries.reduce((sum, one) => sum + one.events, 0)
  expect(accepted).toBe(left + sent)
}

/** What becomes of a part, each of whose events must be accounted for. */
export const apply = (part: Part, settings: ConnectionSettings): Applied => {
  const applied = applyParts([part], settings)
  balanced(applied)
  return applied
}
