import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, describe, expect, it } from 'vitest'
import { localCertificate } from '../../worker/commands/tls/certificate'
import { startTlsFront } from '../../worker/commands/tls/front'

const root = mkdtempSync(join(tmpdir(), 'weir-tls-'))
const folder = (name: string): string => join(root, name)
const now = new Date()
const inDays = (days: number): Date => new Date(now.getTime() + days * 86_400_000)

afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('the certificate', () => {
  it('is for this machine, by name and by address, and its key is its owner’s', async () => {
    const { cert, file } = await localCertificate(folder('new'), now)
    const certificate = new X509Certificate(cert)
    expect(certificate.subjectAltName).toBe(
      'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1'
    )
    expect(Date.parse(certificate.validFrom)).toBeLessThan(now.getTime())
    expect(readFileSync(file, 'utf8')).toBe(cert)
    expect(statSync(folder('new')).mode & 0o777).toBe(0o700)
    for (const name of ['key.pem', 'certificate.pem']) {
      expect(statSync(join(folder('new'), name)).mode & 0o777).toBe(0o600)
    }
  })

  it('stays the same until a month before it expires', async () => {
    const first = await localCertificate(folder('kept'), now)
    expect(await localCertificate(folder('kept'), inDays(330))).toEqual(first)
    const renewed = await localCertificate(folder('kept'), inDays(336))
    expect(renewed.cert).not.toBe(first.cert)
    expect(await localCertificate(folder('kept'), inDays(600))).toEqual(renewed)
  })

  it.each([
    ['of another key', async () => (await localCertificate(folder('other'), now)).cert],
    ['that is none', async () => 'not a certificate'],
  ])('%s is made anew', async (_what, cert) => {
    const { file } = await localCertificate(folder('broken'), now)
    writeFileSync(file, await cert())
    const mended = await localCertificate(folder('broken'), now)
    expect(await localCertificate(folder('broken'), now)).toEqual(mended)
    expect(mended.cert).toBe(readFileSync(file, 'utf8'))
  })
})

const startSite = async (listener: RequestListener) => {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, stop: () => server.close().closeAllConnections() }
}

/** Posts over TLS, trusting nothing but the certificate. */
const post = (url: string, ca: string, body: string): Promise<string> =>
  new Promise((done, fail) => {
    const asking = request(url, { method: 'POST', ca, agent: false }, (answer) =>
      text(answer).then(done, fail)
    )
    asking.on('error', fail).end(body)
  })

describe('the TLS front', () => {
  it('hands requests on to whoever trusts its certificate, and refuses after a stop', async () => {
    const site = await startSite(async (asked, answer) => answer.end(`got ${await text(asked)}`))
    const certificate = await localCertificate(folder('front'), now)
    const front = await startTlsFront(certificate, { port: 0, to: site.port })
    const body = 'x'.repeat(1_000_000)
    expect(await post(front.url, certificate.cert, body)).toBe(`got ${body}`)
    const byName = front.url.replace('127.0.0.1', 'localhost')
    expect(await post(byName, certificate.cert, 'a')).toBe('got a')
    const stranger = await localCertificate(folder('stranger'), now)
    await expect(post(front.url, stranger.cert, 'a')).rejects.toThrow(/certificate/)
    await front.stop()
    await expect(post(front.url, certificate.cert, 'a')).rejects.toThrow(/ECONNREFUSED/)
    site.stop()
  })

  it('closes what nobody answers, and goes on once somebody does', async () => {
    const gone = await startSite((asked) => asked.socket.destroy())
    const certificate = await localCertificate(folder('front'), now)
    const front = await startTlsFront(certificate, { port: 0, to: gone.port })
    await expect(post(front.url, certificate.cert, 'a')).rejects.toThrow()
    gone.stop()
    await expect(post(front.url, certificate.cert, 'a')).rejects.toThrow()
    const back = createServer((_asked, answer) => answer.end('back'))
    back.listen(gone.port, '127.0.0.1')
    await once(back, 'listening')
    expect(await post(front.url, certificate.cert, 'a')).toBe('back')
    await front.stop()
    back.close()
  })

  it('says which variable moves it when its port is in use', async () => {
    const site = await startSite((_asked, answer) => answer.end())
    const certificate = await localCertificate(folder('front'), now)
    await expect(startTlsFront(certificate, { port: site.port, to: site.port })).rejects.toThrow(
      `Port ${site.port} is in use. Stop what runs there or set HTTPS_PORT.`
    )
    site.stop()
  })
})
