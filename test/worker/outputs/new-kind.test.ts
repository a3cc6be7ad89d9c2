import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { outputKinds } from '../../../worker/outputs'
import {
  admin,
  batchOf,
  eventNames,
  expectBalance,
  moveClock,
  passWindow,
  put,
  runAlarms,
  status,
  upload,
} from '../../support/weir'
import { boxes } from './memory/boxes'
import { memoryKind } from './memory/kind'

const key = 'key-memory'

const workspace = (settings: Record<string, unknown> = {}) => ({
  inputs: [{ id: 'shop', key }],
  outputs: [{ id: 'shelf', kind: 'memory', settings: { password: 'open sesame' } }],
  connections: [
    { id: 'shop-shelf', input: 'shop', output: 'shelf', settings: { box: 'orders', ...settings } },
  ],
})

const namesIn = (box: string): unknown[] =>
  (boxes.get(box)?.requests ?? []).flatMap((batch) =>
    eventNames(batch.map(({ text }) => JSON.parse(text)))
  )

const deliver = async (): Promise<void> => {
  await passWindow()
  moveClock(2_000)
  await runAlarms('OUTBOX')
}

// The one line that a new kind of output takes, beside its folder.
beforeAll(() => Object.assign(outputKinds, { memory: memoryKind }))

beforeEach(async () => {
  boxes.clear()
  boxes.set('orders', { password: 'open sesame', requests: [] })
  expect((await put('/workspace?discard=true', workspace())).status).toBe(200)
})

afterEach(() => {
  vi.useRealTimers()
})

describe('a kind of output that is added to the list', () => {
  it('is offered with its settings', async () => {
    const { output_kinds } = (await (await admin('/output-kinds')).json()) as {
      output_kinds: { id: string; label: string; connection_settings: object }[]
    }
    expect(output_kinds.at(-1)).toMatchObject({ id: 'memory', label: 'Memory' })
    expect(Object.keys(output_kinds.at(-1)!.connection_settings)).toContain('box')
  })

  it('has its settings checked, its secrets sealed and its connections verified', async () => {
    const missing = await put('/workspace', workspace({ box: '' }))
    expect(await missing.json()).toMatchObject({
      errors: [{ code: 'required', path: 'connections.0.settings.box' }],
    })
    const refused = await put('/workspace', workspace({ box: 'nowhere' }))
    expect(await refused.json()).toMatchObject({ errors: [{ code: 'verification_failed' }] })
    const shown = await (await admin('/outputs/shelf')).json()
    expect(shown).toMatchObject({ settings: { password: '********' } })
  })

  it('gets what comes in, with its settings obeyed', async () => {
    await put('/workspace', workspace({ send_as_batch: false }))
    await upload(key, batchOf(['a', 'b', 'c', 'd']))
    await deliver()
    expect(namesIn('orders')).toEqual(['a', 'b', 'c', 'd'])
    expect(boxes.get('orders')!.requests.map((batch) => batch.length)).toEqual([3, 1])
    const now = await status('shop-shelf')
    expect(now).toMatchObject({ state: 'ok', delivered: { deliveries: 4, requests: 2 } })
    expectBalance(now)
  })

  it('is retried after it failed', async () => {
    boxes.set('orders', { password: 'changed', requests: [] })
    await upload(key, batchOf(['kept']))
    await deliver()
    expect(await status('shop-shelf')).toMatchObject({
      state: 'retrying',
      last_error: { reason: 'Wrong password.' },
      waiting: { deliveries: 1 },
    })
    boxes.set('orders', { password: 'open sesame', requests: [] })
    moveClock(900_000)
    await runAlarms('OUTBOX')
    expect(namesIn('orders')).toEqual(['kept'])
    expect(await status('shop-shelf')).toMatchObject({ state: 'ok', waiting: { deliveries: 0 } })
  })
})
