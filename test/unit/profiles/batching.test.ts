import { describe, expect, it } from 'vitest'
import { parseJson } from '../../../worker/base/json'
import {
  blockedUntil,
  closeDue,
  covers,
  type Head,
  nextDueMs,
  oldestNeeded,
  type Window,
} from '../../../worker/profiles/batching'
import { readEntries, writeEntry } from '../../../worker/profiles/entry'
import type { Upload } from '../../../worker/profiles/upload'
import { s3Settings } from '../../support/outbound'
import { newHead, ProfileModel, uploadOf, windowMs } from '../../support/profile'

const oneEvent = { events: [{ event_type: 'a' }] }
const batchwise = (facts: Partial<Upload> = {}) => uploadOf(oneEvent, [s3Settings()], facts)
const eachwise = (facts: Partial<Upload> = {}) =>
  uploadOf(oneEvent, [s3Settings({ send_as_batch: false })], facts)
const dayMs = 24 * 3_600_000

/** The windows after uploads at these times. */
const windowsOf = (uploads: [ms: number, upload: Upload][]): Window[] => {
  const profile = new ProfileModel()
  for (const [ms, upload] of uploads) profile.arrive({ ...upload, received_ms: ms })
  return profile.head.windows
}

describe('a window of Send as Batch', () => {
  it('begins with the first upload and is not extended', () => {
    const windows = windowsOf([
      [0, batchwise()],
      [windowMs / 2, batchwise()],
    ])
    expect(windows).toMatchObject([{ kind: 'batch', from: 0, due_ms: windowMs }])
    expect(windows[0]).not.toHaveProperty('upto')
  })

  it('takes nothing in when it is due, or so nearly that a clock might differ', () => {
    for (const [ms, count] of [
      [windowMs - 5001, 1],
      [windowMs - 5000, 2],
      [windowMs, 2],
      [windowMs * 2, 2],
    ] as const) {
      const windows = windowsOf([
        [0, batchwise()],
        [ms, batchwise()],
      ])
      expect(windows).toHaveLength(count)
      if (count === 2) expect(windows).toMatchObject([{ from: 0, upto: 0 }, { from: 1 }])
    }
  })

  it.each<[string, Partial<Upload>]>([
    ['device', { device: 'other' }],
    ['environment', { environment: 'development' }],
    ['input', { input: 'other' }],
  ])('is of one %s', (_what, facts) => {
    const windows = windowsOf([
      [0, batchwise()],
      [1, batchwise(facts)],
      [2, batchwise()],
    ])
    expect(windows).toHaveLength(2)
    expect(windows[1]).toMatchObject({ from: 1, ...facts })
  })

  it('closes early when it has grown large', () => {
    const large = batchwise({ text: 'x'.repeat(150 * 1024) })
    const windows = windowsOf([
      [0, large],
      [5, large],
      [6, batchwise()],
    ])
    expect(windows).toMatchObject([
      { upto: 1, due_ms: 5 },
      { from: 2, due_ms: 6 + windowMs },
    ])
  })
})

describe('a window of events sent each', () => {
  it('holds one upload and is due at once', () => {
    expect(
      windowsOf([
        [7, eachwise()],
        [7, eachwise()],
      ])
    ).toMatchObject([
      { kind: 'each', from: 0, upto: 0, due_ms: 7 },
      { kind: 'each', from: 1, upto: 1, due_ms: 7 },
    ])
  })
})

describe('a window of a session', () => {
  const waiting = [s3Settings({ wait_for_complete_batch: true })]
  const session = (id: string, ...types: string[]) =>
    uploadOf(
      {
        device_info: { platform: 'Android' },
        events: types.map((event_type) => ({ event_type, data: { session_uuid: id } })),
      },
      waiting
    )

  it('is due a day after the session’s last event', () => {
    expect(
      windowsOf([
        [0, session('S', 'session_start')],
        [1000, session('S', 'a')],
      ])
    ).toMatchObject([{ kind: 'session', session: 'S', due_ms: 1000 + dayMs }])
  })

  it('closes with the session’s end', () => {
    const windows = windowsOf([
      [0, session('S', 'session_start')],
      [5, session('T', 'session_start')],
      [9, session('S', 'a', 'session_end')],
      [10, session('S', 'late')],
    ])
    expect(windows).toMatchObject([
      { session: 'S', from: 0, upto: 2, due_ms: 9 },
      { session: 'T', from: 1 },
      { session: 'S', from: 3, due_ms: 10 + dayMs },
    ])
  })
})

describe('an upload', () => {
  it('that no connection wants opens no window, and none of it is needed', () => {
    const profile = new ProfileModel()
    profile.arrive(uploadOf(oneEvent, []))
    expect(profile.head).toMatchObject({ windows: [], next_seq: 1 })
    expect(oldestNeeded(profile.head)).toBe(1)
    expect(nextDueMs(profile.head)).toBeUndefined()
  })

  it('leaves the head before it alone', () => {
    const profile = new ProfileModel()
    profile.arrive(batchwise())
    const before = profile.head
    const copy = structuredClone(before)
    profile.arrive(batchwise({ received_ms: windowMs }))
    expect(before).toEqual(copy)
  })

  it('lies in a window of its place and time', () => {
    const [window] = windowsOf([[0, batchwise()]])
    const profile = new ProfileModel()
    profile.arrive(batchwise())
    const [entry] = profile.entries()
    expect(covers(window!, entry!)).toBe(true)
    expect(covers({ ...window!, from: 1 }, entry!)).toBe(false)
    expect(covers({ ...window!, upto: -1 }, entry!)).toBe(false)
    for (const other of [
      { input: 'o' },
      { device: 'o' },
      { environment: 'development' as const },
    ]) {
      expect(covers({ ...window!, ...other }, entry!)).toBe(false)
    }
  })
})

const windowAt = (id: number, facts: Partial<Window>): Window => ({
  id,
  kind: 'batch',
  input: 'web',
  environment: 'production',
  device: '',
  from: id,
  bytes: 1,
  due_ms: 0,
  ...facts,
})
const headOf = (...windows: Partial<Window>[]): Head => ({
  ...newHead(),
  next_seq: 9,
  windows: windows.map((window, id) => windowAt(id, window)),
})

describe('the due windows', () => {
  it('are closed, the oldest first', () => {
    const head = headOf({ from: 5, due_ms: 1 }, { due_ms: 101 }, { from: 3, upto: 4, due_ms: 100 })
    expect(closeDue(head, 100)).toMatchObject([
      { id: 2, upto: 4 },
      { id: 0, upto: 8 },
    ])
    expect(head.windows[1]).not.toHaveProperty('upto')
    expect(nextDueMs(head)).toBe(1)
    expect(oldestNeeded(head)).toBe(1)
  })

  it('are no more than may be in memory together, but always one', () => {
    const mib = 1024 * 1024
    const sizes = (...bytes: number[]) =>
      closeDue(headOf(...bytes.map((count) => ({ bytes: count * mib }))), 0).length
    expect(sizes(4, 4, 1)).toBe(2)
    expect(sizes(20, 1)).toBe(1)
    expect(sizes(1, 20, 1)).toBe(1)
  })

  it('that are not taken stay open to nothing', () => {
    const head = headOf({ bytes: 9 * 1024 * 1024 }, {})
    closeDue(head, 0)
    expect(head.windows.map((window) => window.upto)).toEqual([8, undefined])
  })
})

describe('a connection that has not taken a window', () => {
  it('is blocked until the last of its windows may be tried', () => {
    const head = headOf(
      { due_ms: 50, todo: ['a', 'b'] },
      { due_ms: 200, todo: ['a'] },
      { due_ms: 300, todo: ['b'] },
      { due_ms: 150, todo: ['b'] },
      { due_ms: 400 }
    )
    expect(blockedUntil(head, 100)).toEqual(
      new Map([
        ['a', 200],
        ['b', 300],
      ])
    )
    expect(blockedUntil(head, 400)).toEqual(new Map())
  })
})

describe('entries as text', () => {
  it('come back as they were, whatever their bodies hold', () => {
    const bodies = [
      '{"a":"b"}',
      '',
      '{\n"a":1\n}\n',
      '{"text":"é😀\u2028\u2029\u0000"}',
      '{"length":5}\n{"seq":1,"length":0}\n\n',
      '{"n":7346244611012968789}',
    ]
    const entries = bodies.map((text, seq) => ({
      kind: 'batch' as const,
      input: 'web\n',
      version: 3,
      received_ms: 1_795_229_708_345,
      ids: '1234567890123456',
      environment: 'production' as const,
      device: 'd\u2028',
      edge: { channel: 'javascript' as const, user_agent: '"quoted"' },
      text,
      seq,
      notifications: [{ type: 'gdpr_change', data: { purpose: 'a\nb' } }],
    }))
    expect(readEntries(entries.map(writeEntry).join(''))).toEqual(entries)
    expect(readEntries('')).toEqual([])
  })

  it('keep the exact numbers of notifications for another isolate', () => {
    const profile = new ProfileModel()
    profile.arrive(batchwise())
    const exact = parseJson('[7346244611012968789]') as never[]
    const text = writeEntry({ ...profile.entries()[0]!, notifications: exact })
    expect(text).toContain('"notifications":[7346244611012968789]')
    expect(readEntries(text)[0]?.notifications).toEqual(exact)
  })
})
