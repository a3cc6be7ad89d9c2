import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isObject, type JsonObject, parseJson } from '../../../../worker/base/json'
import { applyFirehose } from '../../../../worker/connections/firehose/apply-firehose'
import { mergeParts } from '../../../../worker/connections/outbound'
import { readBatch } from '../../../../worker/dialects/firehose/batch'
import { registrationOf } from '../../../../worker/dialects/firehose/registration'
import { firehoseBatch } from '../../../support/firehose-batch'
import { mpid, partOf } from '../../../support/outbound'

// What weir sends as a platform to weir as an integration, which registers for all that there is.

const settings = {
  include_historical: true,
  firehose: {
    connection: 'c',
    registration: registrationOf('Acme', 'weir.test'),
    module_id: 'Acme',
    account: {},
  },
}

/** What comes back of a batch. */
const returned = (batch: { system_notifications?: unknown }) => {
  const part = partOf(batch)
  const notifications = Array.isArray(part.batch.system_notifications)
    ? part.batch.system_notifications
    : []
  const edge = { channel: 'pixel' }
  const merged = mergeParts([{ ...part, notifications, edge }], mpid)
  if (!merged) throw new Error('Nothing to merge.')
  const { deliveries } = applyFirehose(merged, settings, { id: 'hand-off', mpid })
  expect(deliveries).toHaveLength(1)
  const message = parseJson(deliveries[0]?.text ?? '')
  if (!isObject(message)) throw new Error('Not a message.')
  return readBatch(message, 'Acme')
}

describe('a batch that goes to an integration and comes from one', () => {
  it('is the same in all that the protocol has a place for', () => {
    fc.assert(
      fc.property(firehoseBatch, (given) => {
        const { batch: back, events, problems } = returned(given)
        expect(problems).toEqual([])
        const { events: sent, ...fields } = JSON.parse(JSON.stringify(given)) as JsonObject & {
          events: object[]
        }
        expect(back).toMatchObject({ ...fields, mpid, source_info: { channel: 'pixel' } })
        expect(events).toHaveLength(sent.length)
        for (const [i, one] of sent.entries()) expect(events[i]).toMatchObject(one)
      }),
      { numRuns: 300 }
    )
  })

  it('gains nothing that it did not have but the names of the protocol', () => {
    const own = [
      'firehose_version',
      'platform_fields',
      'timestamp_unixtime_ms',
      'mpid',
      'source_info',
    ]
    fc.assert(
      fc.property(firehoseBatch, (given) => {
        const { batch: back } = returned(given)
        const gained = Object.keys(back).filter((field) => !Object.hasOwn(given, field))
        expect(gained.filter((field) => !own.includes(field))).toEqual([])
      })
    )
  })
})
