import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runDeploy } from '../../worker/commands/deploy/run'
import type { Asking } from '../../worker/commands/deploy/terminal'
import { addressOf } from '../../worker/commands/deploy/upload'

const standIn = resolve('test/support/wrangler-stand-in.mjs')
const secrets = {
  ADMIN_TOKEN: 'an-admin-token-of-ada',
  CONFIG_KEY: 'a-config-key-of-theirs',
  IDENTITY_KEY: 'an-identity-key-of-theirs',
}
const account = { id: 'a1', name: 'Ada' }

interface State {
  isLoggedIn: boolean
  accounts: { id: string; name: string }[]
  workers: Record<string, Record<string, string>>
  targets: string[]
  failing?: string
  calls: { args: string[]; CLOUDFLARE_ACCOUNT_ID?: string }[]
  secretsFile?: { path: string; mode: number }
}

let folder: string
let deployment: Server
let url: string
let workspace: object

const stateFile = () => join(folder, 'state.json')
const state = (): State => JSON.parse(readFileSync(stateFile(), 'utf8'))
const setState = (change: Partial<State>) =>
  writeFileSync(stateFile(), JSON.stringify({ ...state(), ...change }))
const commands = () => state().calls.map(({ args }) => args.join(' '))

/** Takes the ADMIN_TOKEN that was last deployed. */
const answer = (path: string, authorization: string | undefined): [number, object] => {
  if (path === '/health') return [200, { status: 'ok' }]
  const [worker] = Object.values(state().workers)
  if (path === '/admin/v1/workspace' && authorization === `Bearer ${worker?.ADMIN_TOKEN}`) {
    return [200, { version: 3, workspace }]
  }
  return [401, { errors: [{ code: 'unauthorized', path: '', message: 'Not that token.' }] }]
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weir-deploy-test-'))
  workspace = { inputs: [], outputs: [], connections: [], audiences: [] }
  deployment = createServer(({ url: path = '', headers }, response) => {
    const [status, body] = answer(path, headers.authorization)
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((done) => deployment.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(deployment.address() as AddressInfo).port}`
  const fresh = { isLoggedIn: true, accounts: [account], workers: {}, targets: [url], calls: [] }
  writeFileSync(stateFile(), JSON.stringify(fresh))
})

afterEach(async () => {
  deployment.closeAllConnections()
  await new Promise((done) => deployment.close(done))
  rmSync(folder, { recursive: true })
})

const deploy = async (args: string[], env: Record<string, string>, asking?: Partial<Asking>) => {
  const lines: string[] = []
  const refuse = (question: string) => Promise.reject(new Error(`Nobody expects: ${question}`))
  const exitCode = await runDeploy(args, resolve('wrangler.toml'), {
    env: { PATH: process.env.PATH, STAND_IN: stateFile(), ...env },
    wrangler: { command: [process.execPath, standIn], isSilent: true },
    asking: asking && { secret: refuse, confirm: refuse, choose: refuse, ...asking },
    say: (line) => void lines.push(line),
    complain: (line) => void lines.push(line),
    patienceMs: 0,
  })
  return { exitCode, text: lines.join('\n') }
}

const inSecret = () => Promise.resolve('')

it('creates the worker with its secrets in one step, tries it out, and says what comes next', async () => {
  const { exitCode, text } = await deploy([], secrets)
  expect(text).toContain('Creates weir in account a1 Ada')
  expect(text).toContain(`${url}/admin/v1 accepts the ADMIN_TOKEN.`)
  expect(text).toContain('npm run config -- push workspace.json')
  expect(text).toContain(`<script async src="${url}/weir.js" data-key="YOUR-INPUT-KEY"></script>`)
  expect(exitCode).toBe(0)
  expect(commands()).toEqual([
    'whoami --json',
    'secret list --env=',
    'deploy --env= --secrets-file',
  ])
  expect(state().workers).toEqual({ weir: secrets })
})

it('prints no secret that it was given, and leaves no file with them', async () => {
  const { text } = await deploy([], secrets)
  for (const secret of Object.values(secrets)) expect(text).not.toContain(secret)
  const { secretsFile } = state()
  expect(secretsFile?.mode).toBe(0o600)
  expect(existsSync(secretsFile!.path)).toBe(false)
})

it('deploys again with what is there: no secret is sent, whatever the environment says', async () => {
  await deploy([], secrets)
  const others = { CONFIG_KEY: 'another-config-key', IDENTITY_KEY: 'another-identity-key' }
  const { exitCode, text } = await deploy([], { ...others, ADMIN_TOKEN: secrets.ADMIN_TOKEN })
  expect(exitCode).toBe(0)
  expect(commands().at(-1)).toBe('deploy --env=')
  expect(state().workers).toEqual({ weir: secrets })
  expect(text).toMatch(/IDENTITY_KEY +is stored, and stays; the environment’s is not used/)
})

it('tells the key of the input and what the workspace has', async () => {
  const input = { id: 'web', platform: 'web', enabled: true, key: 'shop-key' }
  const outputs = [
    { id: 'lake', kind: 's3' },
    { id: 'orders', kind: 'sqs' },
  ]
  workspace = { inputs: [input], outputs, connections: [{ id: 'web-lake', output: 'lake' }] }
  const { text } = await deploy([], secrets)
  expect(text).toContain('Its workspace is version 3: 1 input, 2 outputs, 1 connection.')
  expect(text).toContain('data-key="shop-key"')
  expect(text).toContain('npm run config -- pull workspace.json')
})

it('makes what nobody gives, shows it once, and shows it before it is stored', async () => {
  setState({ failing: 'address' })
  const { exitCode, text } = await deploy([], {}, { secret: inSecret })
  expect(exitCode).toBe(1)
  const { weir = {} } = state().workers
  expect(Object.keys(weir)).toEqual(Object.keys(secrets))
  expect(new Set(Object.values(weir)).size).toBe(3)
  for (const [name, value] of Object.entries(weir)) {
    expect(value).toMatch(/^[0-9a-f]{64}$/)
    expect(text.split(`${name}=${value}`)).toHaveLength(2)
  }
  setState({ failing: '' })
  const again = await deploy([], { ADMIN_TOKEN: weir.ADMIN_TOKEN! }, {})
  expect(again.exitCode).toBe(0)
  for (const value of Object.values(weir)) expect(again.text).not.toContain(value)
})

it('asks again for a secret that is too short', async () => {
  const typed = ['short', secrets.ADMIN_TOKEN, secrets.CONFIG_KEY, secrets.IDENTITY_KEY]
  const secret = () => Promise.resolve(typed.shift()!)
  const { exitCode, text } = await deploy([], {}, { secret })
  expect(exitCode).toBe(0)
  expect(text).toContain('ADMIN_TOKEN must have 16 characters or more.')
  expect(state().workers.weir).toEqual(secrets)
})

it('sends only the secret that is missing, and warns that it may have been another', async () => {
  const { IDENTITY_KEY, ...rest } = secrets
  setState({ workers: { weir: rest } })
  const { exitCode, text } = await deploy([], { ADMIN_TOKEN: rest.ADMIN_TOKEN, IDENTITY_KEY })
  expect(exitCode).toBe(0)
  expect(text).toContain('If it ever had the keys that it lacks, give it the same.')
  expect(state().workers.weir).toEqual(secrets)
})

it('keeps the environments of wrangler.toml apart', async () => {
  setState({ workers: { weir: secrets } })
  const { exitCode } = await deploy(['--env', 'staging'], {}, { secret: inSecret })
  expect(exitCode).toBe(1) // the stand-in's deployment answers for the other worker
  expect(commands().slice(1)).toEqual([
    'secret list --env=staging',
    'deploy --env=staging --secrets-file',
  ])
  expect(state().workers.weir).toEqual(secrets)
  expect(Object.keys(state().workers['weir-staging'] ?? {})).toEqual(Object.keys(secrets))
})

it('rehearses without an account, without a question and without a secret', async () => {
  setState({ isLoggedIn: false })
  const { exitCode, text } = await deploy(['--env=production', '--dry-run'], {
    CONFIG_KEY: secrets.CONFIG_KEY,
  })
  expect(exitCode).toBe(0)
  expect(commands()).toEqual(['deploy --env=production --dry-run'])
  expect(text).toContain('A deploy would go to weir-production.')
  expect(text).toContain('Needed unless the worker has them: ADMIN_TOKEN, IDENTITY_KEY')
  expect(state().workers).toEqual({})
})

it.each<[string, Partial<State>, string[], Record<string, string>, number, string[]]>([
  [
    'nobody is logged in',
    { isLoggedIn: false },
    [],
    { ADMIN_TOKEN: secrets.ADMIN_TOKEN },
    2,
    ['CLOUDFLARE_API_TOKEN', 'CONFIG_KEY, IDENTITY_KEY: unless the worker has them'],
  ],
  [
    'there are several accounts',
    { accounts: [account, { id: 'b2', name: 'Bob' }] },
    [],
    secrets,
    2,
    ['CLOUDFLARE_ACCOUNT_ID: you have several accounts', 'a1  Ada', 'b2  Bob'],
  ],
  ['there is no account', { accounts: [] }, [], secrets, 2, ['CLOUDFLARE_ACCOUNT_ID']],
  ['all secrets are missing', {}, [], {}, 2, ['ADMIN_TOKEN:', 'CONFIG_KEY:', 'IDENTITY_KEY:']],
  [
    'secrets are too weak',
    {},
    [],
    { ...secrets, ADMIN_TOKEN: 'ada:demo-admin-token', CONFIG_KEY: 'short' },
    2,
    ['ADMIN_TOKEN is the token of the demo', 'CONFIG_KEY must have 16 characters or more'],
  ],
  ['the secrets cannot be listed', { failing: 'secret' }, [], secrets, 1, ['Authentication error']],
  ['an option is mistyped', {}, ['--dryrun'], secrets, 2, ['--dryrun', 'npm run deploy']],
  ['there is no such environment', {}, ['--env', 'qa'], secrets, 2, ['qa', 'staging, production']],
])('deploys nothing when %s, and says so', async (_, change, args, env, code, expected) => {
  setState(change)
  const { exitCode, text } = await deploy(args, env)
  for (const part of expected) expect(text).toContain(part)
  expect(exitCode).toBe(code)
  expect(commands().some((one) => one.startsWith('deploy'))).toBe(false)
})

it('logs in, and asks which account it shall be', async () => {
  setState({ isLoggedIn: false, accounts: [account, { id: 'b2', name: 'Bob' }] })
  const confirm = () => Promise.resolve(true)
  const choose = (_: string, choices: string[]) =>
    Promise.resolve(choices.findIndex((one) => one.includes('Bob')))
  const { exitCode } = await deploy([], secrets, { confirm, choose })
  expect(exitCode).toBe(0)
  expect(commands().slice(0, 3)).toEqual(['whoami --json', 'login', 'whoami --json'])
  expect(state().calls.at(-1)?.CLOUDFLARE_ACCOUNT_ID).toBe('b2')
})

it('asks nobody who a token with an account is', async () => {
  const env = { ...secrets, CLOUDFLARE_API_TOKEN: 't', CLOUDFLARE_ACCOUNT_ID: 'c3' }
  expect((await deploy([], env)).exitCode).toBe(0)
  expect(commands()[0]).toBe('secret list --env=')
})

it.each<[string, Partial<State>, Record<string, string>, string]>([
  ['wrangler fails', { failing: 'deploy' }, {}, 'wrangler could not deploy'],
  ['wrangler was told to stop', { failing: 'cancelled' }, {}, 'without having deployed'],
  ['nothing answers', { targets: ['http://127.0.0.1:9'] }, {}, 'does not answer yet'],
  [
    'the token is another',
    {},
    { ADMIN_TOKEN: 'some-other-admin-token' },
    'has another ADMIN_TOKEN',
  ],
])('fails when %s', async (_, change, env, expected) => {
  setState({ workers: { weir: secrets }, ...change })
  const { exitCode, text } = await deploy([], { ...secrets, ...env })
  expect(text).toContain(expected)
  expect(exitCode).toBe(1)
})

it.each([
  [
    ['events.example.com (custom domain)', 'https://weir.ada.workers.dev'],
    'https://events.example.com',
  ],
  [
    ['example.com/hello/* (zone name: example.com)', 'https://weir.ada.workers.dev'],
    'https://weir.ada.workers.dev',
  ],
  [['example.com/hello/* (zone name: example.com)'], 'https://example.com/hello'],
  [['*.example.com/*', 'schedule: * * * * *'], undefined],
])('finds the address to try among %j', (targets, expected) => {
  expect(addressOf(targets)).toBe(expected)
})
