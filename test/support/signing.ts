import { SignatureV4 } from '@smithy/signature-v4'

export const accessKey = {
  access_key_id: 'demo-mobile-key',
  secret_access_key: 'demo-mobile-secret',
}

const encoder = new TextEncoder()

const bytesOf = (data: string | ArrayBuffer | ArrayBufferView): Uint8Array =>
  typeof data === 'string'
    ? encoder.encode(data)
    : ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new Uint8Array(data)

/** The hash that the signer of AWS's own SDK asks for, over Web Crypto. */
class Sha256 {
  #parts: Uint8Array[] = []
  readonly #secret: Uint8Array | undefined

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#secret = secret === undefined ? undefined : bytesOf(secret)
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#parts.push(bytesOf(data))
  }

  reset(): void {
    this.#parts = []
  }

  async digest(): Promise<Uint8Array> {
    const all = await new Blob(this.#parts).arrayBuffer()
    if (!this.#secret) return new Uint8Array(await crypto.subtle.digest('SHA-256', all))
    const algorithm = { name: 'HMAC', hash: 'SHA-256' }
    const key = await crypto.subtle.importKey('raw', this.#secret, algorithm, false, ['sign'])
    return new Uint8Array(await crypto.subtle.sign('HMAC', key, all))
  }
}

export interface Signing {
  url?: string
  headers?: Record<string, string>
  body?: string | Uint8Array
  access_key_id?: string
  secret_access_key?: string
  session_token?: string
  region?: string
  service?: string
  /** Android sends no hash of the body. */
  hash?: false
  at?: Date
}

/** The headers of a PutEvents request as AWS's own signer signs it. */
export const signedHeaders = async (given: Signing = {}): Promise<Record<string, string>> => {
  const url = new URL(given.url ?? 'https://weir.test/2014-06-05/events')
  const signer = new SignatureV4({
    service: given.service ?? 'mobileanalytics',
    region: given.region ?? 'us-east-1',
    sha256: Sha256,
    applyChecksum: given.hash ?? true,
    credentials: {
      accessKeyId: given.access_key_id ?? accessKey.access_key_id,
      secretAccessKey: given.secret_access_key ?? accessKey.secret_access_key,
      ...(given.session_token ? { sessionToken: given.session_token } : {}),
    },
  })
  const { headers } = await signer.sign(
    {
      method: 'POST',
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(
        [...url.searchParams.keys()].map((name) => [name, url.searchParams.getAll(name)])
      ),
      headers: { host: url.host, ...given.headers },
      body: given.body ?? '',
    },
    { signingDate: given.at ?? new Date(), unsignableHeaders: new Set(['user-agent']) }
  )
  return headers
}
