import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { isObject, type JsonObject, parseJson, stringifyJson } from '../../../../worker/base/json'
import { withoutSettings } from '../../../../worker/dialects/firehose/account'
import { readBatch } from '../../../../worker/dialects/firehose/batch'
import { readSubjectRequest } from '../../../../worker/dialects/firehose/dsr'
import { readMembership } from '../../../../worker/dialects/firehose/membership'
import membership from '../../../fixtures/firehose/AudienceMembershipChangeRequest.json'
import android from '../../../fixtures/firehose/EventProcessingRequest_android.json'
import { brokenText, jsonText } from '../../../support/arbitrary'
import { seedFeed, send } from '../../../support/firehose-feed'
import { eventOf, subjectRequest } from '../../../support/firehose-messages'
import {
  expectBalance,
  linesIn,
  passFile,
  passWindow,
  s3Connection,
  status,
} from '../../../support/weir'

afterEach(() => {
  vi.useRealTimers()
})

const neighbour = eventOf('custom_event', { name: 'neighbour' })
const bystander = { mpid: '4711', audiences: [{ audience_id: 4711, action: 'add' }] }

const messages = {
  events: { ...android, events: [...android.events, neighbour] },
  audiences: { ...membership, user_profiles: [...membership.user_profiles, bystander] },
  subject: subjectRequest({ email: 'someone@example.org', ios_vendor_id: 'idfv' }),
}

type Path = (string | number)[]

const pathsIn = (value: unknown, path: Path = []): Path[] => {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  const below = entries.flatMap(([name, one]) => pathsIn(one, [...path, name]))
  return path.length > 0 ? [path, ...below] : below
}

const placeholder = '@@here@@'

/** The text of a message with something else at a path; nothing, when that is ''. */
const withAt = (message: object, path: Path, text: string): string => {
  const copy = structuredClone(message)
  const last = path.at(-1) ?? ''
  // biome-ignore lint/suspicious/noExplicitAny: walks whatever the path says
  const parent = path.slice(0, -1).reduce((at: any, name) => at[name], copy)
  if (text !== '') parent[last] = placeholder
  else if (Array.isArray(parent)) parent.splice(Number(last), 1)
  else delete parent[last]
  return JSON.stringify(copy).replace(`"${placeholder}"`, () => text)
}

const mutated = (message: object, isSpared: (path: Path) => boolean = () => false) =>
  fc
    .tuple(
      fc.constantFrom(...pathsIn(message).filter((path) => !isSpared(path))),
      fc.oneof(jsonText, fc.constantFrom('', 'null', '""', '{}', '[]', '-1', '1e400', 'true'))
    )
    .map(([path, text]) => withAt(message, path, text))

const parsed = (text: string): JsonObject => {
  const message = parseJson(text)
  if (!isObject(message)) throw new Error('Not a message.')
  return withoutSettings(message)
}

const expectWritable = (batch: JsonObject): void => {
  const text = stringifyJson(batch)
  expect(stringifyJson(parseJson(text))).toBe(text)
}

const runs = { numRuns: 2000 }

describe('a message with anything anywhere', () => {
  it('loses no event that is one', () => {
    const isSpared = ([first, place]: Path) =>
      first === 'events' && (place === undefined || place === String(android.events.length))
    fc.assert(
      fc.property(mutated(messages.events, isSpared), (text) => {
        const { batch, events } = readBatch(parsed(text), 'Acme')
        const last = events.at(-1)
        expect(last).toMatchObject({ data: { event_name: 'neighbour' } })
        expectWritable(batch)
      }),
      runs
    )
  })

  it('never tells what the account is configured to', () => {
    const isSpared = ([first, second]: Path) => first === 'account' && second !== undefined
    fc.assert(
      fc.property(mutated(messages.events, isSpared), (text) => {
        const told = stringifyJson(readBatch(parsed(text), 'Acme').batch)
        expect(told).not.toContain('sample API Key')
      }),
      runs
    )
  })

  it('loses no user profile that is one', () => {
    const isSpared = ([first, place]: Path) =>
      first === 'user_profiles' && (place === undefined || place === '1')
    fc.assert(
      fc.property(mutated(messages.audiences, isSpared), (text) => {
        const message = parsed(text)
        const profiles = Array.isArray(message.user_profiles) ? message.user_profiles : []
        const { good } = readMembership(message, profiles)
        expect(good.at(-1)?.checked.batch.mpid).toBe('4711')
      }),
      runs
    )
  })

  it('of a data subject can be read', () => {
    fc.assert(
      fc.property(mutated(messages.subject), (text) => {
        expect(readSubjectRequest(parsed(text)).eventOf([]).events).toHaveLength(1)
      }),
      runs
    )
  })

  it('of which nothing is known becomes a batch', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        const message = parseJson(text)
        if (!isObject(message)) return
        const { batch } = readBatch(withoutSettings(message), 'Acme')
        expectWritable(batch)
      }),
      runs
    )
  })
})

describe('the route', () => {
  it('answers all of it, and never that it should come again', async () => {
    const seeded = await seedFeed()
    const body = fc.oneof(
      { weight: 5, arbitrary: fc.oneof(...Object.values(messages).map((one) => mutated(one))) },
      { weight: 1, arbitrary: jsonText },
      { weight: 1, arbitrary: brokenText }
    )
    await fc.assert(
      fc.asyncProperty(body, async (text) => {
        expect([200, 400]).toContain((await send(seeded, text)).status)
      }),
      { numRuns: 150 }
    )
    for (let i = 0; i < 3; i++) {
      await passWindow()
      await passFile()
    }
    expectBalance(await status(s3Connection(seeded)))
    expect((await linesIn(seeded.bucket)).length).toBeGreaterThan(0)
  }, 60_000)
})
