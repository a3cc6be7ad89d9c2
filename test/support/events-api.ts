import { request, type Seeded, seed } from './weir'

export const secret = 'server-secret'

/** The header of a Basic authorization, in UTF-8. */
export const basic = (key: string, password = secret): string => {
  const bytes = new TextEncoder().encode(`${key}:${password}`)
  return `Basic ${btoa(String.fromCharCode(...bytes))}`
}

type Seeding = NonNullable<Parameters<typeof seed>[0]>

/** A workspace with an input that servers may use, and an S3 connection. */
export const seedServer = (input: object = {}, given: Seeding = {}): Promise<Seeded> =>
  seed({ sqs: false, input: { secret, platform: 'server', ...input }, ...given })

export const inputOf = ({ key }: Seeded): string => key.replace('key-', '')

/** Posts to a path below `/v2/`, with the credentials of the input. */
export const post = (
  { key }: Pick<Seeded, 'key'>,
  path: string,
  body: unknown,
  headers: Record<string, string> = {}
): Promise<Response> =>
  request(`/v2/${path}`, {
    method: 'POST',
    body: typeof body === 'string' || body instanceof ArrayBuffer ? body : JSON.stringify(body),
    headers: { authorization: basic(key), 'content-type': 'application/json', ...headers },
  })
