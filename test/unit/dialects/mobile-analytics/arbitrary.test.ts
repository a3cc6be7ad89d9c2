import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isObject, type Json, parseJson } from '../../../../worker/base/json'
import { eventData } from '../../../../worker/batch'
import { readContext } from '../../../../worker/dialects/mobile-analytics/client-context'
import { readEvents } from '../../../../worker/dialects/mobile-analytics/events'
import { mobileEvent } from '../../../support/mobile-event'
import { mappedOf } from '../../../support/mobile-request'

const name = fc.string({ minLength: 1, maxLength: 50 })
const attributes = fc.dictionary(name, fc.string({ maxLength: 200 }), { maxKeys: 20 })
const metrics = fc.dictionary(name, fc.double({ noNaN: true, noDefaultInfinity: true }), {
  maxKeys: 20,
})
const type = fc.oneof(
  name,
  fc.constantFrom('_session.start', '_session.stop', '_session.pause', '_monetization.purchase')
)
const events = fc.array(fc.record({ type, attributes, metrics }), { maxLength: 5 })

const written = (value: unknown): Record<string, Json> => JSON.parse(JSON.stringify(value))

describe('any body', () => {
  it('is either refused or read, and never a surprise', () => {
    fc.assert(
      fc.property(fc.json(), (body) => {
        expect(readEvents(parseJson(body)).ok).toBeTypeOf('boolean')
        expect(readContext(body, true).ok).toBeTypeOf('boolean')
      })
    )
  })
})

describe('any good events', () => {
  it('lose no attribute and no metric on their way, as records or in the batch', () => {
    fc.assert(
      fc.property(events, (given) => {
        const mapped = mappedOf({
          events: given.map((one) => mobileEvent(one.type, one)),
        }).events
        const records = mapped.filter((one) => !one.neededSetting).map((one) => one.record)
        expect(records).toHaveLength(given.length)
        for (const [i, one] of given.entries()) {
          expect(records[i]?.attributes).toMatchObject(written(one.attributes))
          expect(records[i]?.metrics).toEqual(written(one.metrics))
        }
        const custom = mapped.map(({ event }) => eventData(event).custom_attributes)
        const kept = custom.flatMap((map) => (isObject(map) ? Object.values(map) : []))
        const plain = given.filter((one) => one.type !== '_monetization.purchase')
        const told = plain.flatMap((one) =>
          Object.values({ ...written({ a: one.attributes }), ...written({ m: one.metrics }) })
        )
        for (const map of told) {
          for (const value of Object.values(map ?? {})) expect(kept).toContainEqual(value)
        }
      })
    )
  })
})
