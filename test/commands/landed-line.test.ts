import { expect, it } from 'vitest'
import { landedLine } from '../../worker/commands/landed-line'

const batch = {
  events: [
    { event_type: 'custom_event', data: { event_name: 'Signed up' } },
    { event_type: 'screen_view', data: {} },
  ],
}
const trigger = { data: { segment_events: [{ event: 'enter', slug: 'buyers' }] }, meta: {} }

it.each<[string, unknown[], string]>([
  ['batches', [batch, batch], '4 events, custom_event "Signed up"'],
  ['a batch without events', [{ events: [] }], '0 events'],
  ['flat records', [{ event_type: 'LevelComplete' }], '1 event, LevelComplete'],
  ['triggers', [trigger], '1 change, enter "buyers"'],
  ['what it does not know', [5], '0 events'],
])('tells in a line what lands: %s', async (_what, lines, expected) => {
  const body = new TextEncoder().encode(lines.map((one) => JSON.stringify(one)).join('\n'))
  const item = { kind: 'message', queue: 'weir-demo', body, bytes: body.length } as never
  const line = await landedLine(item, new Date(2026, 10, 21, 12, 3, 11))
  expect(line).toBe(`12:03:11  queue   weir-demo  ${body.length} bytes  ${expected}`)
})
