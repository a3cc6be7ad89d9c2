import { expect } from 'vitest'
import type { SentBatch } from './picture'
import type { SettingCase, Unsigned } from './setting-cases'

const batches = (picture: Unsigned): SentBatch[] => Object.values(picture.batches)

/** A row per value of the settings that Mobile Analytics brought. */
export const recordCases: SettingCase[] = [
  {
    setting: 'keep_session_attributes',
    does: 'on adds what a session_start cannot hold',
    given: { keep_session_attributes: true },
    undo: ({ batches: { android } }) => {
      const [delivery, ...others] = android.deliveries
      expect(others).toEqual([])
      const [start, kept, end] = delivery!.body.events
      expect(kept?.event_type).toBe('custom_event')
      Object.assign(delivery!, { events: 2 }).body.events = [start!, end!]
      android.filtered = { keep_session_attributes: 1 }
    },
  },
  {
    setting: 'record_format',
    does: 'mobile_analytics_event sends a record per event',
    given: { record_format: 'mobile_analytics_event' },
    change: (picture) => {
      for (const batch of batches(picture)) batch.deliveries = []
      Object.assign(picture.batches.android, { accepted: 2, filtered: {} })
    },
    undo: (picture) => {
      for (const batch of batches(picture)) {
        const left = Object.values(batch.filtered).reduce((sum, count) => sum + count, 0)
        expect(batch.deliveries).toHaveLength(batch.accepted - left)
        for (const { body, events } of batch.deliveries) {
          expect(events).toBe(1)
          expect(body).not.toHaveProperty('events')
          expect(body.unique_id).toBeTypeOf('string')
        }
        batch.deliveries = []
      }
    },
  },
]
