import { afterEach, describe, expect, it, vi } from 'vitest'
import { Profile } from '../../../../worker/partitions/profile'
import { inputOf } from '../../../support/events-api'
import { seedFeed, send } from '../../../support/firehose-feed'
import { androidMessage, eventsOf, messageOf } from '../../../support/firehose-messages'
import {
  expectBalance,
  linesIn,
  passFile,
  passWindow,
  request,
  type Seeded,
  s3Connection,
  status,
} from '../../../support/weir'
import { rejectedOf } from '../rejected'

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const delivered = async (seeded: Seeded) => {
  await passWindow()
  await passFile()
  expectBalance(await status(s3Connection(seeded)))
  return linesIn(seeded.bucket)
}

describe('the answer', () => {
  it.each<[string, string | object]>([
    ['no JSON', 'none'],
    ['no object', '[1]'],
    ['no type', {}],
    ['an unknown type', { type: 'of_tomorrow' }],
    ['a response', { type: 'event_processing_response' }],
    [
      'user profiles that are no list',
      messageOf('audience_membership_change_request', { user_profiles: 'x' }),
    ],
    [
      'a subject’s request for something else',
      messageOf('dsr_processing_request', { subject_request_type: 'access' }),
    ],
  ])('to %s is 400, and it is kept as rejected', async (_, body) => {
    const seeded = await seedFeed()
    const answer = await send(seeded, body)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ errors: [{ message: expect.any(String) }] })
    const [rejected] = await rejectedOf(inputOf(seeded), 1)
    expect(rejected?.payload).not.toContain('sample API Key')
  })

  it.each([
    ['no token', {}],
    ['another token', { authorization: 'Token someone-else' }],
    ['an empty token', { authorization: 'Token ' }],
    ['a bearer token', { authorization: 'Bearer TOKEN' }],
    ['a token of another case', { authorization: 'Token token' }],
  ])('to %s is 401, whatever is sent', async (_, headers: Record<string, string>) => {
    const seeded = await seedFeed()
    const authorization = headers.authorization?.replace('TOKEN', seeded.token)
    const given = authorization === undefined ? {} : { authorization }
    for (const body of [JSON.stringify(androidMessage()), 'none', 'x'.repeat(100_000)]) {
      const answer = await request('/firehose', { method: 'POST', body, headers: given })
      expect(answer.status).toBe(401)
    }
    expect(await delivered(seeded)).toEqual([])
  })

  it('to the token of an input that is disabled is 401', async () => {
    const seeded = await seedFeed({ input: { enabled: false } })
    expect((await send(seeded, androidMessage())).status).toBe(401)
  })

  it('to a scheme in other letters, at the path with a slash, is 200', async () => {
    const seeded = await seedFeed()
    const headers = { authorization: `token  ${seeded.token}` }
    const body = JSON.stringify(androidMessage())
    expect((await request('/firehose/', { method: 'POST', body, headers })).status).toBe(200)
  })

  it.each(['GET', 'PUT', 'HEAD', 'OPTIONS'])('to %s is 405', async (method) => {
    const seeded = await seedFeed()
    const answer = await request('/firehose', {
      method,
      headers: { authorization: `Token ${seeded.token}` },
    })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST'])
  })

  it('to what is too large is 413; audiences may be larger than events', async () => {
    const seeded = await seedFeed()
    const filler = 'x'.repeat(300_000)
    expect((await send(seeded, eventsOf([], { filler }))).status).toBe(413)
    const audiences = messageOf('audience_membership_change_request', { filler })
    expect((await send(seeded, audiences)).status).toBe(200)
    const large = { ...audiences, filler: filler.repeat(14) }
    expect((await send(seeded, large)).status).toBe(413)
    await rejectedOf(inputOf(seeded), 2)
  })

  it.each([
    ['events', () => androidMessage()],
    [
      'audiences',
      () =>
        messageOf('audience_membership_change_request', {
          user_profiles: [{ mpid: '5', audiences: [{ audience_id: 1, action: 'add' }] }],
        }),
    ],
  ])('to %s that cannot be stored is 503, and what comes again is taken', async (_, make) => {
    const seeded = await seedFeed()
    const message = make()
    const failing = vi.spyOn(Profile.prototype, 'upload').mockRejectedValue(new Error('no storage'))
    expect((await send(seeded, message)).status).toBe(503)
    failing.mockRestore()
    expect((await send(seeded, message)).status).toBe(200)
    expect((await delivered(seeded)).length).toBeGreaterThan(0)
  })
})
