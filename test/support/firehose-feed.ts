import { request, type Seeded, seed } from './weir'

/** Messages of mParticle's Firehose, as its input gets them. */

export const token = 'feed-token-of-tests'

type Seeding = NonNullable<Parameters<typeof seed>[0]>

/** A workspace with an input that takes Firehose messages, and an S3 connection. */
export const seedFeed = (given: Seeding = {}): Promise<Seeded & { token: string }> => {
  const own = `${token}-${crypto.randomUUID()}`
  const firehose = { token: own, module_name: 'Acme', erasures: true }
  return seed({
    sqs: false,
    ...given,
    input: { firehose, platform: 'server', ...given.input },
  }).then((seeded) => ({ ...seeded, token: own }))
}

/** Posts a message with a token; without one when it is ''. */
export const send = (
  given: { token: string },
  message: unknown,
  init: RequestInit = {}
): Promise<Response> =>
  request('/firehose', {
    method: 'POST',
    body: typeof message === 'string' ? message : JSON.stringify(message),
    ...init,
    headers: {
      'content-type': 'application/json',
      ...(given.token === '' ? {} : { authorization: `Token ${given.token}` }),
      ...init.headers,
    },
  })
