import { beforeAll, describe, expect, it } from 'vitest'
import { newFolder, report } from './kpis/command'
import { writeFile } from './kpis/lines'

const ms = Date.UTC(2025, 4, 5, 12)
let nextId = 0
const id = (): string => String(++nextId)

const batch = (...events: object[]): string =>
  JSON.stringify({
    mpid: '1',
    events: events.map(({ event_type, ...data }: { event_type?: string }) => ({
      event_type,
      data: { timestamp_unixtime_ms: String(ms), event_id: id(), ...data },
    })),
  })

const record = (event_type: string, more: object = {}): string =>
  JSON.stringify({ event_type, timestamp: ms, unique_id: id(), client_id: '1', ...more })

const commerce = (product_action: object, more: object = {}) => ({
  event_type: 'commerce_event',
  currency_code: 'EUR',
  product_action,
  ...more,
})

const reported = async (lines: string[], args: string[] = []) => {
  const folder = newFolder()
  writeFile(folder, 'lines.txt', lines.join('\n'))
  return report([folder, ...args])
}

const only = async (path: string, lines: string[], args: string[] = []) =>
  (await reported(lines, args)).kpis[path]?.rows

describe('revenue', () => {
  const revenue = (...lines: string[]) => only('/kpis/daily-revenue/sum', lines)
  const day = { day: '2025-05-05', currency: 'EUR', purchases: 1 }

  it.each([
    [
      'is the prices of all products, and times their quantities',
      batch(
        commerce({
          action: 'purchase',
          total_amount: 99,
          products: [{ price: 2, quantity: 3 }, { price: '1.5' }],
        })
      ),
      { ...day, sum: 3.5, gross: 7.5 },
    ],
    [
      "is the purchase's total when its products have no price",
      batch(commerce({ action: 'purchase', total_amount: '12.5', products: [{ quantity: 2 }] })),
      { ...day, sum: null, gross: 12.5 },
    ],
    [
      'is the total of a purchase without products',
      batch(commerce({ action: 'purchase', total_amount: 8, products: null })),
      { ...day, sum: null, gross: 8 },
    ],
    [
      'counts a purchase that says no amount',
      batch(commerce({ action: 'purchase' }, { currency_code: null })),
      { ...day, currency: null, sum: null, gross: null },
    ],
    [
      'takes the price of a record where it stands',
      record('_monetization.purchase', {
        attributes: { _currency: 'EUR', _item_price: '2.5', _quantity: '2' },
        metrics: {},
      }),
      { ...day, sum: 2.5, gross: 5 },
    ],
    [
      'is the total of a record without a price',
      record('_monetization.purchase', {
        attributes: { _currency: 'EUR' },
        metrics: { _total_amount: 9 },
      }),
      { ...day, sum: null, gross: 9 },
    ],
    [
      'is nothing when only the formatted price is known',
      record('_monetization.purchase', {
        attributes: { _currency: 'EUR', _item_price_formatted: '€1' },
      }),
      { ...day, sum: null, gross: null },
    ],
  ])('%s', async (_title, line, row) => {
    expect(await revenue(line)).toEqual([row])
  })

  it('leaves refunds and other product actions out', async () => {
    const products = [{ price: 5, quantity: 1 }]
    const actions = ['refund', 'add_to_cart', 'checkout'].map((action) =>
      commerce({ action, products })
    )
    expect(
      await revenue(batch(...actions), batch(commerce({ action: 'purchase', products })))
    ).toEqual([{ ...day, sum: 5, gross: 5 }])
  })
})

describe('events', () => {
  it('without an id are counted each, with one once', async () => {
    const lines = [
      record('Play', { unique_id: 'same' }),
      record('Play', { unique_id: 'same' }),
      record('Play', { unique_id: undefined }),
      record('Play', { unique_id: undefined }),
      batch({ event_type: 'custom_event', event_name: 'Play', event_id: '5' }),
      batch({ event_type: 'custom_event', event_name: 'Play', event_id: 5 }),
    ]
    expect(await only('/events/Play/count', lines)).toEqual([
      { day: '2025-05-05', count: 4, metrics: [] },
    ])
  })

  it('named as a session start in a batch are no second session', async () => {
    const kept = { event_type: 'custom_event', event_name: '_session.start' }
    const { kpis } = await reported([batch({ event_type: 'session_start' }, kept)])
    expect(kpis['/kpis/sessions/count'].rows).toEqual([{ day: '2025-05-05', count: 1 }])
    expect(Object.keys(kpis).filter((path) => path.startsWith('/events/'))).toEqual([])
  })

  it('count those attributes that are numbers, metrics first', async () => {
    const attributes = {
      both: '7',
      level: '4',
      hex: '0x10',
      big: '1e999',
      not: 'NaN',
      blank: '',
      '_session.startTime': '1',
      _event_id: '77',
    }
    const line = record('Play', { attributes, metrics: { both: 2, speed: -1.5e2 } })
    const [row] = await only('/events/Play/count', [line])
    expect(
      row.metrics.map(({ metric, sum }: { metric: string; sum: number }) => [metric, sum])
    ).toEqual([
      ['both', 2],
      ['level', 4],
      ['speed', -150],
    ])
  })

  it('of a session without a client count as a session, not as a user', async () => {
    const line = JSON.stringify({
      events: [{ event_type: 'session_start', data: { timestamp_unixtime_ms: ms } }],
    })
    const { kpis } = await reported([line])
    expect(kpis['/kpis/sessions/count'].rows[0].count).toBe(1)
    expect(kpis['/kpis/dau/count'].rows[0].count).toBe(0)
    expect(kpis['/kpis/new-users/lifetime-count'].rows).toEqual([{ count: 0 }])
  })
})

describe('with more than 1,500 custom types', () => {
  const name = (index: number) => `Type ${String(index).padStart(4, '0')}`
  const lines = Array.from({ length: 1510 }, (_, index) => record(name(index)))
  const source = newFolder()
  beforeAll(() => writeFile(source, 'types.txt', [...lines, record('_reserved')].join('\n')))

  it('reports the first and says how many it leaves out', async () => {
    const { kpis, custom_event_types } = await report([source])
    const paths = Object.keys(kpis).filter((path) => path.startsWith('/events/'))
    expect(custom_event_types).toEqual({ types: 1510, beyond_quota: 10 })
    expect(paths).toHaveLength(1500)
    expect(paths.at(-1)).toBe('/events/Type%201499/count')
  })

  it('reports any that is asked for by name, reserved ones too', async () => {
    const { kpis } = await report([source, '--event', name(1509), '--event', '_reserved'])
    const paths = Object.keys(kpis).filter((path) => path.startsWith('/events/'))
    expect(paths).toEqual(['/events/Type%201509/count', '/events/_reserved/count'])
  })
})

it('reads the lines that mParticle publishes as samples', async () => {
  const { read, kpis } = await report(['test/fixtures/mparticle-schema/outbound-s3.sample.ndjson'])
  expect(read.events).toBe(2)
  expect(kpis['/events/MyTestEvent/count'].rows).toEqual([
    { day: '2020-07-23', count: 1, metrics: [] },
  ])
})
