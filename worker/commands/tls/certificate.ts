import { createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generate } from 'selfsigned'

export interface Certificate {
  /** Both in PEM. */
  key: string
  cert: string
  /** The file of `cert`, for browsers and clients to trust. */
  file: string
}

const dayMs = 86_400_000
const validDays = 365
const renewDays = 30

/**
 * A self-signed certificate for this machine, generated once and again before it expires, so that one
 * that was trusted stays trusted from one start to the next.
 */
export const localCertificate = async (folder: string, now: Date): Promise<Certificate> => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = join(folder, 'certificate.pem')
  const keyFile = join(folder, 'key.pem')
  const stored = read(keyFile, file)
  if (stored && isGood(stored, now)) return { ...stored, file }
  const made = await make(now)
  for (const [name, text] of [
    [keyFile, made.key],
    [file, made.cert],
  ] as const) {
    writeFileSync(name, text, { mode: 0o600 })
  }
  return { ...made, file }
}

type Pair = Pick<Certificate, 'key' | 'cert'>

const read = (keyFile: string, file: string): Pair | undefined => {
  try {
    return { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(file, 'utf8') }
  } catch {
    return undefined
  }
}

const isGood = ({ key, cert }: Pair, now: Date): boolean => {
  try {
    const certificate = new X509Certificate(cert)
    const leftMs = Date.parse(certificate.validTo) - now.getTime()
    return leftMs > renewDays * dayMs && certificate.checkPrivateKey(createPrivateKey(key))
  } catch {
    return false
  }
}

const make = async (now: Date): Promise<Pair> => {
  const made = await generate([{ name: 'commonName', value: 'weir on this machine' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(now.getTime() - dayMs),
    notAfterDate: new Date(now.getTime() + validDays * dayMs),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  })
  return { key: made.private, cert: made.cert }
}
