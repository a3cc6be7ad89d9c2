import { expect, it } from 'vitest'
import { outputKinds } from '../../worker/outputs'
import type { SettingRows } from '../../worker/settings'
import type { Message } from './outbound'
import {
  type Given,
  type Kind,
  type Picture,
  pictureOf,
  type SentBatch,
  type SentMessage,
} from './picture'
import { recordCases } from './record-cases'
import { day } from './rich-batch'

export type Unsigned = Omit<Picture, 'signatures'>

/** One value of one setting, and what differs with it. */
export interface SettingCase {
  setting: string
  does: string
  given: Given
  /** Settings without which this one has no effect. */
  beside?: Given
  /** Makes the expected picture of the one without the setting. */
  change?: (picture: Unsigned) => void
  /** For settings that add: takes the addition away from the picture with the setting. */
  undo?: (picture: Unsigned) => void
}

const batches = (picture: Unsigned): SentBatch[] => Object.values(picture.batches)
const messages = (picture: Unsigned): SentMessage[] =>
  batches(picture).flatMap((one) => one.deliveries)
const bodies = (picture: Unsigned): Message[] => messages(picture).map((one) => one.body)

const onBodies =
  (change: (body: Message) => void) =>
  (picture: Unsigned): void =>
    bodies(picture).forEach(change)

const leavesOut =
  (setting: string, types: string[]) =>
  (picture: Unsigned): void => {
    for (const { deliveries, filtered } of batches(picture)) {
      for (const delivery of deliveries) {
        const { body } = delivery
        const kept = body.events.filter((event) => !types.includes(event.event_type))
        const dropped = body.events.length - kept.length
        if (dropped > 0) filtered[setting] = (filtered[setting] ?? 0) + dropped
        delivery.events = kept.length
        body.events = kept
      }
    }
  }

const dropping = (setting: string, types: string[]): SettingCase => ({
  setting,
  does: `off leaves out ${types.join(', ')}`,
  given: { [setting]: false },
  change: leavesOut(setting, types),
})

const adding = (setting: string, type: string): SettingCase => ({
  setting,
  does: `on adds ${type}`,
  given: { [setting]: true },
  undo: leavesOut(setting, [type]),
})

const lookUps: Record<keyof typeof day, object> = {
  rich: { ...day.rich.body.events[3]?.data.location, location_source: 'lat_long' },
  eventless: { ...day.eventless.edge.location, location_source: 'ip_lookup' },
  historical: day.historical.body.context.location,
  android: {},
}

const addLocations = ({ batches: all }: Unsigned): void => {
  for (const name of ['rich', 'eventless', 'historical'] as const) {
    for (const { body } of all[name].deliveries) {
      body.context = { ...(body.context as object), location: lookUps[name] as never }
    }
  }
}

/** Puts the messages of each batch together again; their ids must differ. */
export const rejoin = (picture: Unsigned): void => {
  for (const batch of batches(picture)) {
    const [first, ...more] = batch.deliveries
    if (!first) continue
    const ids = new Set(batch.deliveries.map((one) => one.body.message_id))
    expect(ids.size).toBe(batch.deliveries.length)
    for (const { body, events, ...place } of more) {
      const { message_id: _, events: __, ...fields } = body
      expect(first).toMatchObject(place)
      expect(first.body).toMatchObject(fields)
      first.events += events
      first.body.events.push(...body.events)
    }
    batch.deliveries = [first]
  }
}

// Parts of a batch have message ids of their own.
export const forgetMessageIds = onBodies((body) => {
  delete body.message_id
})

const metadata = ['application_info', 'device_info', 'source_info']

/** A row per value of the settings that all outputs share. */
export const sharedCases: SettingCase[] = [
  {
    setting: 'unique_id',
    does: 'is put on every batch',
    given: { unique_id: 'com.example.shop' },
    change: onBodies((body) => {
      body.unique_id = 'com.example.shop'
    }),
  },
  {
    setting: 'metadata_field_exclusion',
    does: 'device_name removes device_info.device',
    given: { metadata_field_exclusion: ['device_name'] },
    change: onBodies((body) => {
      delete (body.device_info as Record<string, unknown>).device
    }),
  },
  {
    setting: 'metadata_field_exclusion',
    does: 'ip_address removes ip',
    given: { metadata_field_exclusion: ['ip_address'] },
    change: onBodies((body) => {
      delete body.ip
    }),
  },
  {
    setting: 'metadata_field_exclusion',
    does: 'both remove both',
    given: { metadata_field_exclusion: ['ip_address', 'device_name'] },
    change: onBodies((body) => {
      delete body.ip
      delete (body.device_info as Record<string, unknown>).device
    }),
  },
  dropping('send_lifecycle_events', [
    'session_start',
    'session_end',
    'application_state_transition',
    'first_run',
  ]),
  dropping('send_screen_views', ['screen_view']),
  dropping('send_crash_events', ['crash_report', 'breadcrumb']),
  dropping('send_network_performance_events', ['network_performance']),
  dropping('send_custom_events', ['custom_event']),
  dropping('send_push_events', ['push_registration', 'push_message', 'push_reaction']),
  dropping('send_commerce_events', ['commerce_event']),
  adding('include_user_attribute_change_events', 'user_attribute_change'),
  adding('include_user_identity_change_events', 'user_identity_change'),
  {
    setting: 'send_alias_requests',
    does: 'on sends alias requests as messages of their own',
    given: { send_alias_requests: true },
    undo: (picture) => {
      expect(picture.aliases).toHaveLength(1)
      picture.aliases = []
    },
  },
  {
    setting: 'include_location',
    does: 'off removes the location of every event',
    given: { include_location: false },
    change: onBodies((body) => {
      for (const { data } of body.events) delete data.location
    }),
  },
  {
    setting: 'include_event_batch_location',
    does: 'on adds context.location, its own, of an event or of the address',
    given: { include_event_batch_location: true },
    change: addLocations,
  },
  {
    setting: 'include_event_batch_location',
    does: 'on looks at the locations that include_location removes',
    beside: { include_location: false },
    given: { include_event_batch_location: true },
    change: addLocations,
  },
  {
    setting: 'include_metadata',
    does: 'off removes application_info, device_info and source_info',
    given: { include_metadata: false },
    change: onBodies((body) => {
      for (const name of metadata) delete body[name]
    }),
  },
  {
    setting: 'include_mp_deviceid',
    does: 'on adds mp_deviceid',
    given: { include_mp_deviceid: true },
    change: onBodies((body) => {
      body.mp_deviceid = day.rich.body.mp_deviceid
    }),
  },
  {
    setting: 'include_consent_state',
    does: 'on adds consent_state',
    given: { include_consent_state: true },
    change: onBodies((body) => {
      const { analytics } = day.rich.body.consent_state.gdpr
      const timestamp_unixtime_ms = String(analytics.timestamp_unixtime_ms)
      body.consent_state = { gdpr: { analytics: { ...analytics, timestamp_unixtime_ms } } }
    }),
  },
  {
    setting: 'send_batches_without_events',
    does: 'off leaves out batches that have no events',
    given: { send_batches_without_events: false },
    change: ({ batches: all }) => {
      all.eventless.deliveries = []
    },
  },
  {
    setting: 'send_batches_without_events',
    does: 'off leaves out batches that the filters emptied',
    beside: { send_lifecycle_events: false },
    given: { send_batches_without_events: false },
    change: ({ batches: all }) => {
      all.eventless.deliveries = []
      all.android.deliveries = []
    },
  },
  {
    setting: 'send_as_batch',
    does: 'off sends each event by itself, at once',
    given: { send_as_batch: false },
    change: (picture) => {
      forgetMessageIds(picture)
      for (const batch of batches(picture)) batch.window = 'each'
    },
    undo: (picture) => {
      for (const { events } of messages(picture)) expect(events).toBeLessThan(2)
      rejoin(picture)
      forgetMessageIds(picture)
    },
  },
  ...recordCases,
  {
    setting: 'include_historical',
    does: 'off leaves out historical batches',
    given: { include_historical: false },
    change: ({ batches: { historical } }) => {
      historical.deliveries = []
      historical.filtered = { include_historical: historical.accepted }
    },
  },
  {
    setting: 'retention_hours',
    does: 'is how long a delivery may wait',
    given: { retention_hours: 24 },
    change: (picture) => {
      picture.retention_hours = 24
    },
  },
]

const valuesToCover = (rows: SettingRows): string[] =>
  Object.entries(rows).flatMap(([id, row]) => {
    if (row.type === 'switch') return `${id}=${!row.default}`
    if (row.type !== 'choice' && row.type !== 'list') return id
    if (!row.choices) return id
    const values = row.choices.map((choice) => choice.value)
    return values
      .filter((value) => !('default' in row) || value !== row.default)
      .map((value) => `${id}=${value}`)
  })

const coveredBy = ({ setting, given }: SettingCase): string[] => {
  const value = given[setting]
  return [setting, ...(Array.isArray(value) ? value : [value]).map((one) => `${setting}=${one}`)]
}

const equal = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** A test per row, and one that no setting of the output and no choice of it is without a row. */
export const testSettings = (kind: Kind, cases: SettingCase[]): void => {
  const titled = cases.map((row) => [row.setting, row.does, row] as const)

  it.each(titled)('%s: %s, and changes nothing else', async (_setting, _does, row) => {
    const without = await pictureOf(kind, { ...row.beside })
    const { signatures, ...actual } = await pictureOf(kind, { ...row.beside, ...row.given })
    const { signatures: signaturesBefore, ...expected } = structuredClone(without)
    expect({ signatures, ...actual }).not.toEqual(without)
    row.change?.(expected)
    row.undo?.(actual)
    expect(actual).toEqual(expected)
    // With the same requests, only the secret makes another signature.
    const isSigned = equal(actual.calls, without.calls) ? signaturesBefore : undefined
    if (isSigned) expect(equal(signatures, isSigned)).toBe(row.setting !== 'secret_access_key')
  })

  it('has a row for every setting and every value that can be chosen', () => {
    const { configuration, connection } = outputKinds[kind]
    const covered = new Set(cases.flatMap(coveredBy))
    expect(
      valuesToCover({ ...configuration, ...connection }).filter((one) => !covered.has(one))
    ).toEqual([])
  })
}
