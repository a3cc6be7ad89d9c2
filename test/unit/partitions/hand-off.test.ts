import { describe, expect, it } from 'vitest'
import type { HandOff } from '../../../worker/delivery'
import { handOffId } from '../../../worker/partitions/hand-off'
import { emptyState } from '../../../worker/profiles/attributes'
import { customEvent, type Message, mpid, s3Settings, sqsSettings } from '../../support/outbound'
import { ProfileModel, uploadOf } from '../../support/profile'
import { aliasRequest } from '../../support/rich-batch'

const messages = ({ deliveries }: HandOff): Message[] =>
  deliveries.map((delivery) => JSON.parse(delivery.text))
const names = (handOff: HandOff) =>
  messages(handOff).map((one) => one.events.map((event) => event.data.event_name))

const batched = s3Settings()
const each = s3Settings({ send_as_batch: false })
const waiting = s3Settings({ wait_for_complete_batch: true, send_as_batch: false })

/** A profile that these bodies came in to, one after the other, for these connections. */
const profileOf = (connections: (typeof batched)[], bodies: object[]): ProfileModel => {
  const profile = new ProfileModel()
  for (const [i, body] of bodies.entries()) {
    const ids = `00000000000000a${i}`
    profile.arrive(uploadOf(body, connections, { received_ms: i * 1000, ids }))
  }
  return profile
}
const settled = (settings: typeof batched) => () => ({ settings })
const pages = (...names: string[]) => ({ events: names.map((name) => customEvent(name)) })

const accounted = ({ deliveries, filtered }: HandOff): number =>
  deliveries.reduce((sum, one) => sum + one.events, 0) +
  Object.values(filtered).reduce((sum, count) => sum + count, 0)

describe('a window of Send as Batch', () => {
  it('is one delivery of all its uploads', () => {
    const [handOff, ...others] = profileOf([batched], [pages('a', 'b'), pages('c')]).handOffs()
    expect(others).toEqual([])
    expect(names(handOff!)).toEqual([['a', 'b', 'c']])
    expect(handOff).toMatchObject({ accepted: 3, filtered: {}, since_ms: 600_000 })
  })

  it('holds nothing for a connection that sends each event', () => {
    const profile = profileOf([batched, each], [pages('a')])
    expect(profile.head.windows).toHaveLength(2)
    expect(profile.handOffs(settled(batched)).map(names)).toEqual([[['a']]])
    expect(profile.handOffs(settled(each)).map(names)).toEqual([[['a']]])
  })

  it('of a connection that is not there is nothing', () => {
    expect(profileOf([batched], [pages('a')]).handOffs(() => undefined)).toEqual([])
  })

  it('keeps browsers, servers and history apart', () => {
    const profile = new ProfileModel()
    for (const edge of [
      { channel: 'javascript' as const },
      { channel: 'server_to_server' as const },
      { channel: 'server_to_server' as const, is_historical: true },
    ]) {
      profile.arrive(uploadOf(pages('a'), [batched], { edge }))
    }
    const [handOff] = profile.handOffs()
    expect(messages(handOff!).map((one) => one.source_info)).toEqual([
      { channel: 'javascript' },
      { channel: 'server_to_server' },
      { channel: 'server_to_server', is_historical: true },
    ])
    expect(new Set(handOff?.deliveries.map((one) => one.id)).size).toBe(3)
  })
})

describe('events sent each', () => {
  it('are a delivery each, with the batch’s id and a message id of their own', () => {
    const [first, second] = profileOf([each], [pages('a', 'b'), pages('c')]).handOffs(settled(each))
    expect([names(first!), names(second!)]).toEqual([[['a'], ['b']], [['c']]])
    const all = [...messages(first!), ...messages(second!)]
    const [a, b, c] = all
    expect(a?.batch_id).toBe(b?.batch_id)
    expect(a?.batch_id).not.toBe(c?.batch_id)
    expect(new Set(all.map((one) => one.message_id)).size).toBe(3)
    expect(first).toMatchObject({ accepted: 2 })
  })

  it('are one delivery when there is no event', () => {
    const [handOff] = profileOf([each], [{ mpid: '1' }]).handOffs(settled(each))
    expect(names(handOff!)).toEqual([[]])
    expect(handOff).toMatchObject({ accepted: 0, deliveries: [{ events: 0 }] })
  })

  it('stay so from Android when they have no session to wait for', () => {
    const body = { device_info: { platform: 'Android' }, ...pages('a', 'b') }
    const [handOff] = profileOf([waiting], [body]).handOffs(settled(waiting))
    expect(names(handOff!)).toEqual([['a'], ['b']])
  })
})

describe('a session that is waited for', () => {
  const of = (session_uuid: string, name: string, event_type = 'custom_event') => ({
    event_type,
    data: { session_uuid, event_name: name },
  })
  const android = (...events: object[]) => ({ device_info: { platform: 'Android' }, events })

  it('is one delivery of its own events, whatever else came in between', () => {
    const profile = profileOf(
      [waiting],
      [
        android(of('S', 's1'), of('T', 't1')),
        android(of('T', 't2'), customEvent('alone')),
        android(of('S', 's2', 'session_end'), of('T', 't3')),
      ]
    )
    const handOffs = profile.handOffs(settled(waiting))
    expect(handOffs.map(names).sort()).toEqual([[['alone']], [['s1', 's2']], [['t1', 't2', 't3']]])
    expect(handOffs.reduce((sum, one) => sum + one.accepted, 0)).toBe(6)
  })

  it('goes whole to the connection that waits and at its time to the one that does not', () => {
    const bodies = [android(of('S', 'a')), android(of('S', 'b', 'session_end'))]
    const profile = profileOf([waiting, batched], bodies)
    expect(profile.handOffs(settled(waiting)).map(names)).toEqual([[['a', 'b']]])
    expect(profile.handOffs(settled(batched)).map(names)).toEqual([[['a', 'b']]])
  })
})

describe('settings', () => {
  it('are those of the version under which each upload came in', () => {
    const profile = new ProfileModel()
    for (const [version, name] of [
      [1, 'a'],
      [1, 'b'],
      [2, 'c'],
      [3, 'd'],
    ] as const) {
      profile.arrive(uploadOf(pages(name), [batched], { version }))
    }
    const [handOff] = profile.handOffs((version) =>
      version === 3
        ? undefined
        : { settings: s3Settings({ unique_id: `v${version}` }), app_name: `App ${version}` }
    )
    expect(names(handOff!)).toEqual([['a', 'b'], ['c']])
    expect(messages(handOff!).map((one) => one.unique_id)).toEqual(['v1', 'v2'])
    expect(handOff?.deliveries.map((one) => one.lane)).toEqual(['/App-1', '/App-2'])
  })

  it('may move events from one sort of window to another, and lose or repeat none', () => {
    const profile = new ProfileModel()
    profile.arrive(uploadOf(pages('a'), [batched], { version: 1 }))
    profile.arrive(uploadOf(pages('b'), [each], { version: 2 }))
    profile.arrive(uploadOf(pages('c'), [batched], { version: 3 }))
    const handOffs = profile.handOffs((version) => ({ settings: version === 2 ? each : batched }))
    expect(handOffs.flatMap(names).flat().sort()).toEqual(['a', 'b', 'c'])
  })
})

describe('a hand-off', () => {
  const mixed = {
    events: ['screen_view', 'custom_event', 'user_attribute_change', 'validation_result'].map(
      (event_type) => ({ event_type })
    ),
  }

  it.each([
    [{}, { include_user_attribute_change_events: 1, validation_result: 1 }],
    [
      { send_screen_views: false, send_custom_events: false },
      {
        send_screen_views: 1,
        send_custom_events: 1,
        include_user_attribute_change_events: 1,
        validation_result: 1,
      },
    ],
    [
      { include_historical: false },
      { include_user_attribute_change_events: 1, validation_result: 1 },
    ],
  ])('with %j says what its settings left out', (given, filtered) => {
    const settings = s3Settings(given)
    const [handOff] = profileOf([settings], [mixed]).handOffs(settled(settings))
    expect(handOff).toMatchObject({ accepted: 4, filtered })
    expect(accounted(handOff!)).toBe(4)
  })

  it.each([
    s3Settings({ send_custom_events: false, send_batches_without_events: false }),
    s3Settings({ send_as_batch: false, send_screen_views: false }),
    sqsSettings({ max_message_bytes: 1024 }),
    sqsSettings({ send_as_batch: false }),
  ])('accounts for each event it accepted', (settings) => {
    const profile = profileOf([settings], [mixed, pages('a', 'b', 'c', 'd', 'e'), mixed])
    const handOffs = profile.handOffs(settled(settings))
    expect(handOffs.reduce((sum, one) => sum + one.accepted, 0)).toBe(13)
    for (const one of handOffs) expect(accounted(one)).toBe(one.accepted)
  })

  it('made again of the same is the same, to the byte', () => {
    for (const settings of [batched, each, sqsSettings({ max_message_bytes: 1024 })]) {
      const made = () =>
        JSON.stringify(
          profileOf([settings], [mixed, pages('a', 'b'), pages('c')]).handOffs(settled(settings))
        )
      expect(made()).toBe(made())
    }
  })

  it('has an id that no other window has, and ids of deliveries below it', () => {
    const profile = profileOf([each], [pages('a'), pages('b', 'c')])
    const handOffs = profile.handOffs(settled(each))
    expect(handOffs.map((one) => one.id)).toEqual(
      profile.head.windows.map((window) => handOffId(profile.head, window))
    )
    const ids = handOffs.flatMap((one) => one.deliveries.map((delivery) => delivery.id))
    expect(new Set(ids).size).toBe(3)
    for (const one of handOffs) {
      for (const { id } of one.deliveries) expect(id.startsWith(`${one.id}-`)).toBe(true)
    }
    expect(handOffs[0]?.id).toMatch(new RegExp(`^${mpid}-e0-`))
  })

  it('gives identities the times at which the profile learnt them', () => {
    const profile = profileOf([batched], [{ user_identities: { email: 'e' } }])
    const state = { ...emptyState(), identities: { email: { identity: 'e', ms: 77 } } }
    const [handOff] = profile.handOffs(undefined, state)
    expect(messages(handOff!)[0]?.user_identities).toMatchObject([{ timestamp_unixtime_ms: 77 }])
  })

  it('of an alias request is a message of its own among the batches', () => {
    const settings = s3Settings({ send_alias_requests: true })
    const profile = new ProfileModel()
    profile.arrive(uploadOf(pages('a'), [settings]))
    profile.arrive(uploadOf(aliasRequest, [settings], { kind: 'alias', environment: 'production' }))
    profile.arrive(uploadOf(pages('b'), [settings]))
    const [handOff] = profile.handOffs(settled(settings))
    expect(messages(handOff!).map((one) => one.message_type)).toEqual([
      'events',
      'alias_request',
      'events',
    ])
    expect(handOff).toMatchObject({ accepted: 2 })
    expect(profile.handOffs(settled(batched)).map(names)).toEqual([[['a', 'b']]])
  })
})
