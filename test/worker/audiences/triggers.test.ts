import { abortAllDurableObjects } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { admin, expectBalance, moveClock, runAlarms, status } from '../../support/weir'
import {
  type Customers,
  customers,
  eventsOf,
  passTriggers,
  track,
  triggersIn,
  triggersInBucket,
} from './customers'

// An hour ahead, so that no alarm goes off by itself: one that did while the objects are aborted
// would keep the run from ending.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 })
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const day = 86_400_000

const kindsOf = (messages: Awaited<ReturnType<typeof triggersIn>>) =>
  messages.map((message) => eventsOf(message).map(({ id, event }) => `${event} ${id}`))

const buyers = { id: 'buyers', rule: { event: { name: 'Purchase' } } }
const browsers = { id: 'browsers', rule: { not: { event: { name: 'Purchase' } } } }
const lapsed = { id: 'lapsed', rule: { not: { event: { name: 'login', within: '7d' } } } }

const iso = (ms: number) => new Date(ms).toISOString()

describe('an upload that changes memberships', () => {
  it('raises one message with all of its changes, in the order of the connection’s list', async () => {
    const shop = await customers({ audiences: [buyers, browsers], select: ['browsers', 'buyers'] })
    await track(shop, '101', ['view'])
    await track(shop, '101', ['Purchase'])
    await passTriggers()
    expect(kindsOf(await triggersIn(shop))).toEqual([
      ['enter browsers'],
      ['exit browsers', 'enter buyers'],
    ])
    expectBalance(await status(shop.connection))
  })

  it('raises nothing when it is sent again', async () => {
    const shop = await customers({ audiences: [buyers], select: ['buyers'] })
    const batch = await track(shop, '102', ['Purchase'])
    await track(shop, '102', [], batch)
    await track(shop, '102', [], batch)
    await passTriggers()
    expect(kindsOf(await triggersIn(shop))).toEqual([['enter buyers']])
  })

  it('has the form of Lytics’ export', async () => {
    const shop = await customers({
      audiences: [{ ...buyers, slug: 'all_buyers' }],
      select: ['buyers'],
    })
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    const at = Date.now()
    await track(shop, '103', ['Purchase'], {
      user_identities: { email: 'ada@example.org' },
      user_attributes: { plan: 'pro', _created: 'x', visits: 12345678901234567890n.toString() },
    })
    await passTriggers()
    const [message] = await triggersIn(shop)
    expect(message?.body).toEqual({
      data: {
        _created: iso(at),
        _modified: iso(at),
        plan: 'pro',
        visits: '12345678901234567890',
        email: 'ada@example.org',
        segment_events: [
          {
            id: 'buyers',
            event: 'enter',
            enter: iso(at),
            exit: '2099-12-31T23:59:59Z',
            slug: 'all_buyers',
          },
        ],
      },
      meta: {
        object: 'user',
        subscription_id: expect.stringMatching(/^[\da-f]{32}$/),
        timestamp: iso(at),
      },
    })
  })

  it('reaches a bucket as lines', async () => {
    const shop = await customers({ audiences: [buyers], select: ['buyers'], output: 's3' })
    await track(shop, '104', ['Purchase'])
    await passTriggers()
    expect(await triggersInBucket(shop)).toMatchObject([
      { data: { segment_events: [{ id: 'buyers', event: 'enter' }] }, meta: { object: 'user' } },
    ])
  })
})

describe('a rule with a window', () => {
  const lapse = async (shop: Customers, mpid: string) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    const loginMs = Date.now()
    await track(shop, mpid, ['login'])
    await passTriggers()
    return loginMs
  }

  it('raises at the instant at which time makes it true, without traffic, and exits on an event', async () => {
    const shop = await customers({ audiences: [lapsed], select: ['lapsed'] })
    const loginMs = await lapse(shop, '201')
    vi.setSystemTime(loginMs + 7 * day - 1)
    await runAlarms('PROFILE')
    await passTriggers()
    expect(await triggersIn(shop)).toEqual([])
    vi.setSystemTime(loginMs + 7 * day)
    await runAlarms('PROFILE')
    const backMs = loginMs + 8 * day
    vi.setSystemTime(backMs)
    await track(shop, '201', ['login'])
    await passTriggers()
    const messages = await triggersIn(shop)
    const enter = iso(loginMs + 7 * day)
    expect(messages.map((message) => eventsOf(message))).toMatchObject([
      [{ event: 'enter', enter, exit: '2099-12-31T23:59:59Z' }],
      [{ event: 'exit', enter, exit: iso(backMs) }],
    ])
    expect(messages[0]?.body.meta.timestamp).toBe(enter)
  })

  it('is stamped with the true time by an alarm that comes three hours late, once', async () => {
    const shop = await customers({ audiences: [lapsed], select: ['lapsed'] })
    const loginMs = await lapse(shop, '202')
    vi.setSystemTime(loginMs + 7 * day + 3 * 3_600_000)
    await runAlarms('PROFILE')
    await runAlarms('PROFILE')
    await passTriggers()
    const messages = await triggersIn(shop)
    expect(messages.map((message) => message.body.meta.timestamp)).toEqual([iso(loginMs + 7 * day)])
  })

  it('is woken, too, when the object was evicted meanwhile', async () => {
    const shop = await customers({ audiences: [lapsed], select: ['lapsed'] })
    const loginMs = await lapse(shop, '203')
    await abortAllDurableObjects()
    vi.setSystemTime(loginMs + 7 * day)
    await runAlarms('PROFILE')
    await passTriggers()
    expect(kindsOf(await triggersIn(shop))).toEqual([['enter lapsed']])
  })
})

describe('a connection', () => {
  it('gets only the audiences that it selects', async () => {
    const shop = await customers({ audiences: [buyers, browsers], select: ['buyers'] })
    await track(shop, '301', ['view'])
    await track(shop, '301', ['Purchase'])
    await passTriggers()
    expect(kindsOf(await triggersIn(shop))).toEqual([['enter buyers']])
    expect((await status(shop.connection)).ledger).toMatchObject({ accepted: 1, delivered: 1 })
  })

  it.each([
    ['enters', '311', ['enter browsers', 'enter buyers']],
    ['exits', '312', ['exit browsers']],
    ['both', '313', ['enter browsers', 'exit browsers', 'enter buyers']],
  ])('with audience_events %s gets just these', async (audience_events, mpid, expected) => {
    const shop = await customers({
      audiences: [buyers, browsers],
      select: ['browsers', 'buyers'],
      settings: { audience_events },
    })
    await track(shop, mpid, ['view'])
    await track(shop, mpid, ['Purchase'])
    await passTriggers()
    expect(kindsOf(await triggersIn(shop)).flat()).toEqual(expected)
    expectBalance(await status(shop.connection))
  })

  it('sends only the fields of the user that it wants', async () => {
    const shop = await customers({
      audiences: [buyers],
      select: ['buyers'],
      settings: { user_fields: ['email', 'plan'] },
    })
    await track(shop, '303', ['Purchase'], {
      user_identities: { email: 'ada@example.org', customer_id: 'c-1' },
      user_attributes: { plan: 'pro', size: 'large' },
    })
    await passTriggers()
    const [message] = await triggersIn(shop)
    const always = ['_created', '_modified', 'segment_events']
    expect(Object.keys(message!.body.data).filter((name) => !always.includes(name))).toEqual([
      'plan',
      'email',
    ])
  })

  it('sends message attributes under names and with values that SQS takes', async () => {
    const shop = await customers({
      audiences: [buyers],
      select: ['buyers'],
      settings: {
        message_attributes: ['email', 'aws.kind', 'visits', 'empty', 'has space', 'list', 'gone'],
      },
    })
    await track(shop, '304', ['Purchase'], {
      user_identities: { email: 'ada@example.org' },
      user_attributes: {
        'aws.kind': 'a',
        visits: 3.5,
        empty: '',
        'has space': 'yes',
        list: ['a', 'b'],
      },
    })
    await passTriggers()
    const [message] = await triggersIn(shop)
    expect(message?.attributes).toEqual({
      email: { DataType: 'String', StringValue: 'ada@example.org' },
      '_aws.kind': { DataType: 'String', StringValue: 'a' },
      visits: { DataType: 'Number', StringValue: '3.5' },
      has_space: { DataType: 'String', StringValue: 'yes' },
      list: { DataType: 'String', StringValue: '["a","b"]' },
    })
  })

  it('loses the attributes of the user, not the changes, when a message is too large', async () => {
    const shop = await customers({
      audiences: [buyers],
      select: ['buyers'],
      settings: { max_message_bytes: 1024 },
    })
    await track(shop, '305', ['Purchase'], {
      user_identities: { email: 'ada@example.org' },
      user_attributes: { story: 'x'.repeat(2000) },
    })
    await passTriggers()
    const [message] = await triggersIn(shop)
    expect(message?.body.data).toMatchObject({ email: 'ada@example.org' })
    expect(message?.body.data).not.toHaveProperty('story')
    expect(eventsOf(message!)).toMatchObject([{ id: 'buyers' }])
  })
})

describe('users who were there before', () => {
  it('raise nothing until something changes, by default', async () => {
    const shop = await customers({ audiences: [], select: [] })
    await track(shop, '401', ['view'], { user_attributes: { plan: 'pro' } })
    const pro = { id: 'pro', rule: { attribute: { plan: 'pro' } } }
    await shop.save({ audiences: [pro], select: ['pro'] })
    await track(shop, '401', ['view'])
    await passTriggers()
    expect(await triggersIn(shop)).toEqual([])
    await track(shop, '401', ['view'], { user_attributes: { plan: 'free' } })
    await passTriggers()
    expect(kindsOf(await triggersIn(shop))).toEqual([['exit pro']])
  })

  it('are each sent once to a connection with Existing Users, also across a restart in the middle', async () => {
    const shop = await customers({ audiences: [], select: [] })
    const mpids = Array.from({ length: 25 }, (_, i) => String(40_200 + i))
    for (const mpid of mpids) {
      await track(shop, mpid, ['view'], { user_attributes: { tier: 'gold', who: mpid } })
    }
    const gold = { id: 'gold', rule: { attribute: { tier: 'gold' } } }
    await shop.save({ audiences: [gold], select: ['gold'], settings: { existing_users: true } })
    await runAlarms('DIRECTORY', (all) => all.slice(0, all.length / 2))
    await abortAllDurableObjects()
    await runAlarms('DIRECTORY')
    for (const mpid of mpids.slice(0, 5)) await track(shop, mpid, ['view'])
    await passTriggers()
    const messages = await triggersIn(shop)
    expect(kindsOf(messages).flat()).toEqual(mpids.map(() => 'enter gold'))
    expect(messages.map((message) => message.body.data.who).sort()).toEqual(mpids)
  })

  it('are sent once to a connection that is disabled and enabled again', async () => {
    const silver = { id: 'silver', rule: { attribute: { tier: 'silver' } } }
    const config = { audiences: [silver], select: ['silver'], settings: { existing_users: true } }
    const shop = await customers({ ...config, select: [] })
    await track(shop, '404', ['view'], { user_attributes: { tier: 'silver' } })
    for (const enabled of [true, false, true]) {
      await shop.save({ ...config, enabled })
      await runAlarms('DIRECTORY')
    }
    await passTriggers()
    expect(kindsOf(await triggersIn(shop))).toEqual([['enter silver']])
  })

  it('are sent once where they become members together with a new connection', async () => {
    const ruleOf = (spent: number) => ({
      id: 'spender',
      rule: { attribute: { spent: { $gte: spent } } },
    })
    const shop = await customers({ audiences: [ruleOf(100)], select: [] })
    await track(shop, '405', ['view'], { user_attributes: { spent: 60 } })
    const settings = { existing_users: true }
    await shop.save({ audiences: [ruleOf(50)], select: ['spender'], settings })
    await runAlarms('DIRECTORY')
    await passTriggers()
    expect(kindsOf(await triggersIn(shop))).toEqual([['enter spender']])
  })

  it('are woken by time under a rule that is new, without an upload', async () => {
    const shop = await customers({ audiences: [], select: [] })
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    const end = Date.now() + 5 * day + 1
    await track(shop, '403', ['view'], { user_attributes: { trial_end: iso(end) } })
    const ending = {
      id: 'ending',
      rule: { date: { attribute: 'trial_end', within: 'next 3d' } },
    }
    await shop.save({ audiences: [ending], select: ['ending'] })
    await runAlarms('DIRECTORY')
    moveClock(3 * day)
    await runAlarms('PROFILE')
    await passTriggers()
    const messages = await triggersIn(shop)
    expect(messages.map((message) => message.body.meta.timestamp)).toEqual([iso(end - 3 * day)])
  })
})

describe('an audience that is removed', () => {
  it('leaves no membership behind, so that a new one with its id has no members', async () => {
    const bronze = { id: 'bronze', rule: { attribute: { tier: 'bronze' } } }
    const shop = await customers({ audiences: [bronze], select: [] })
    await track(shop, '601', ['view'], { user_attributes: { tier: 'bronze' } })
    const memberships = async () => {
      const profile = (await (await admin('/profiles/601')).json()) as { memberships: unknown[] }
      return profile.memberships.length
    }
    expect(await memberships()).toBe(1)
    await shop.save({ audiences: [], select: [] })
    await runAlarms('DIRECTORY')
    expect(await memberships()).toBe(0)
    await shop.save({ audiences: [bronze], select: ['bronze'], settings: { existing_users: true } })
    await runAlarms('DIRECTORY')
    await passTriggers()
    expect(kindsOf(await triggersIn(shop))).toEqual([['enter bronze']])
    const size = ((await (await admin('/audiences/bronze/status')).json()) as { size: number }).size
    expect(size).toBe(1)
  })
})

describe('a rule that is changed', () => {
  it('is applied at the next touch, and the changes are sent', async () => {
    const shop = await customers({
      audiences: [{ id: 'big', rule: { attribute: { spent: { $gte: 100 } } } }],
      select: ['big'],
    })
    await track(shop, '501', ['view'], { user_attributes: { spent: 60 } })
    await shop.save({
      audiences: [{ id: 'big', rule: { attribute: { spent: { $gte: 50 } } } }],
      select: ['big'],
    })
    await track(shop, '501', ['view'])
    await passTriggers()
    expect(kindsOf(await triggersIn(shop))).toEqual([['enter big']])
  })
})
