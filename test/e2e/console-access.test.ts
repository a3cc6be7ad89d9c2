import type { webcrypto } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sign } from 'hono/jwt'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildWorker, type LocalWorker, startWorker } from '../../worker/commands/runtime'

const data = mkdtempSync(join(tmpdir(), 'weir-access-'))
const audience = 'the-audience-tag'
let worker: LocalWorker
let keyServer: Server
let team: string
let privateKey: webcrypto.JsonWebKey & { kid: string; alg: 'RS256' }

const asked: (string | undefined)[] = []

// The endpoint of a team's domain where Access publishes its keys.
const serveKeys = async (publicKey: object): Promise<string> => {
  keyServer = createServer((request, answer) => {
    asked.push(request.url)
    answer.setHeader('content-type', 'application/json')
    answer.end(JSON.stringify({ keys: [publicKey], public_cert: {}, public_certs: [] }))
  })
  await new Promise<void>((done) => keyServer.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(keyServer.address() as AddressInfo).port}`
}

beforeAll(async () => {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: 'SHA-256',
  }
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const about = { kid: 'one', alg: 'RS256' as const }
  privateKey = { ...(await crypto.subtle.exportKey('jwk', pair.privateKey)), ...about }
  team = await serveKeys({ ...(await crypto.subtle.exportKey('jwk', pair.publicKey)), ...about })
  const secrets = {
    ADMIN_TOKEN: 'an-admin-token-of-ada',
    CONFIG_KEY: 'a-key',
    IDENTITY_KEY: 'another-key',
  }
  const vars = { ...secrets, ACCESS_TEAM_DOMAIN: team, ACCESS_AUD: audience }
  const bundleDir = await buildWorker()
  worker = await startWorker({ port: 0, persist: join(data, 'objects'), vars, bundleDir })
}, 120_000)

afterAll(async () => {
  await worker?.stop()
  keyServer?.close()
  rmSync(data, { recursive: true, force: true })
})

const ask = async (given: Record<string, unknown>): Promise<Response> => {
  const now = Math.floor(Date.now() / 1000)
  const claims = { iss: team, aud: [audience], email: 'ada@example.org', exp: now + 60, ...given }
  const token = await sign(claims, privateKey, 'RS256')
  return fetch(`${worker.url}/console`, {
    headers: { 'cf-access-jwt-assertion': token, accept: 'text/html' },
    redirect: 'manual',
  })
}

it('lets those in whom Access vouches for with the keys of the team, and nobody else', async () => {
  const answer = await ask({})
  expect(answer.status).toBe(200)
  expect(await answer.text()).toContain('ada@example.org')
  expect((await ask({ aud: ['another'] })).status).toBe(303)
  expect((await ask({ iss: 'https://elsewhere.example' })).status).toBe(303)
  expect((await ask({ exp: 1 })).status).toBe(303)
  expect((await fetch(`${worker.url}/console/sign-in`)).status).toBe(403)
  // Asked once: the keys are kept.
  expect(asked).toEqual(['/cdn-cgi/access/certs'])
})
