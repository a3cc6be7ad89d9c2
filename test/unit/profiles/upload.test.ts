import { describe, expect, it } from 'vitest'
import { parseJson } from '../../../worker/base/json'
import { checkBatch } from '../../../worker/batch'
import { describeBatch, type WindowSettings, windowKind } from '../../../worker/profiles/upload'

const batched = { send_as_batch: true }
const each = { send_as_batch: false }
const waiting = { send_as_batch: true, wait_for_complete_batch: true }
const waitingEach = { send_as_batch: false, wait_for_complete_batch: true }

describe('the window of an event', () => {
  it.each<[WindowSettings, boolean, string | undefined, string]>([
    [batched, false, undefined, 'batch'],
    [batched, true, 'S', 'batch'],
    [each, false, 'S', 'each'],
    [each, true, 'S', 'each'],
    [waiting, true, 'S', 'session'],
    [waitingEach, true, 'S', 'session'],
    [waiting, true, undefined, 'batch'],
    [waitingEach, true, undefined, 'each'],
    [waiting, false, 'S', 'batch'],
    [waitingEach, false, 'S', 'each'],
  ])('with %j, from Android %s, of session %s is %s', (settings, android, session, kind) => {
    expect(windowKind(settings, { android, session })).toBe(kind)
  })
})

const event = (session_uuid?: string, event_type = 'custom_event') => ({
  event_type,
  data: { session_uuid },
})
const ended = (session: string) => event(session, 'session_end')
const described = (body: object, connections: WindowSettings[]) =>
  describeBatch(checkBatch(parseJson(JSON.stringify(body)))!, connections)

describe('the windows of an upload', () => {
  const windowsOf = (platform: string, events: object[], connections: WindowSettings[]) => {
    const { windows, sessions } = described({ device_info: { platform }, events }, connections)
    return { windows, sessions }
  }

  it.each([
    ['web', [event('S')], [], [], []],
    ['web', [event('S')], [batched], ['batch'], []],
    ['web', [event('S')], [batched, each, batched], ['batch', 'each'], []],
    ['web', [ended('S')], [waiting], ['batch'], []],
    ['web', [], [batched, each], ['batch', 'each'], []],
    ['Android', [event('S')], [batched], ['batch'], []],
    ['Android', [event('S')], [waiting], ['session'], [{ id: 'S', ended: false }]],
    ['Android', [event('S'), ended('S')], [waiting], ['session'], [{ id: 'S', ended: true }]],
    ['Android', [ended('S'), event('S')], [waiting], ['session'], [{ id: 'S', ended: true }]],
    [
      'Android',
      [ended('S'), event('T'), event()],
      [waiting],
      ['session', 'batch'],
      [
        { id: 'S', ended: true },
        { id: 'T', ended: false },
      ],
    ],
    [
      'Android',
      [event('S')],
      [waitingEach, batched],
      ['session', 'batch'],
      [{ id: 'S', ended: false }],
    ],
    ['Android', [event()], [waitingEach], ['each'], []],
    ['Android', [], [waiting], ['batch'], []],
    ['Android', [], [waitingEach], ['each'], []],
  ])(
    'from %s with %j for %j are %j, its sessions %j',
    (platform, events, connections, windows, sessions) => {
      expect(windowsOf(platform, events, connections)).toEqual({ windows, sessions })
    }
  )
})

describe('the device of an upload', () => {
  it.each([
    ['"e4c07f48"', 'e4c07f48'],
    ['7346244611012968789', '7346244611012968789'],
    ['5', ''],
    ['null', ''],
  ])('given as %s is “%s”', (deviceId, device) => {
    const checked = checkBatch(parseJson(`{"mp_deviceid":${deviceId}}`))!
    expect(describeBatch(checked, [batched])).toMatchObject({
      device,
      environment: 'production',
      profile_changes: '',
    })
  })
})
