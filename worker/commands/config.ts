import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Problem } from '../base/problem'
import { compareWorkspaces } from '../config/changes'
import { masked, maskSecrets } from '../config/secrets'
import { readWorkspaceFile, type WorkspaceFile } from '../config/workspace-file'
import type { Deployment } from '../outputs/deployment'
import {
  type AdminApi,
  Refusal,
  readVersions,
  readWorkspace,
  restoreVersion,
  saveWorkspace,
} from './admin-api'
import { readArguments, readOrExit, UsageError } from './arguments'
import { demoAdminToken } from './secrets-file'
import { changeLines } from './workspace/compare'
import { historyLines } from './workspace/history'
import { fillIn, isSecretPath, mapStrings } from './workspace/placeholders'
import { writtenWorkspace } from './workspace/written'

const usage = `The workspace of a deployment as a file.

  npm run config -- check FILE   checks it, without asking the deployment
  npm run config -- diff FILE    shows what push would change; exit code 0 when nothing, 1 when something
  npm run config -- push FILE    replaces the deployment's workspace
       --discard                 also when deliveries that still wait would be deleted
       --no-verify               without writing the verification object into buckets
  npm run config -- pull FILE    writes the deployment's workspace to the file
  npm run config -- history      lists the newest versions of the deployment's workspace
  npm run config -- rollback VERSION
                                 saves an earlier version as the newest one, secrets included
       --discard, --no-verify    as with push

\${NAME} in a string of the file is taken from the environment, $\${NAME} stands for itself.
WEIR_URL is the deployment (http://127.0.0.1:8787), WEIR_ADMIN_TOKEN its ADMIN_TOKEN.`

const { env } = process
const loopback = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/

const deploymentUrl = (): URL => {
  const text = env.WEIR_URL || 'http://127.0.0.1:8787'
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) throw new Error(`WEIR_URL is not a URL: ${text}`)
  return url
}

const isLocal = (): boolean => loopback.test(deploymentUrl().hostname)

const adminApi = (): AdminApi => {
  const { protocol, href } = deploymentUrl()
  if (protocol !== 'https:' && !isLocal()) {
    throw new Error('WEIR_URL must begin with https://: the admin token would go over in clear.')
  }
  const token = env.WEIR_ADMIN_TOKEN || (isLocal() ? demoAdminToken : undefined)
  if (!token) throw new Error(`Set WEIR_ADMIN_TOKEN to the ADMIN_TOKEN of ${href}`)
  return { url: href.replace(/\/$/, ''), token }
}

// Only the deployment knows whether it has AWS keys of its own; `push` checks that.
const assumedDeployment = (): Deployment => ({
  service: { access_key_id: masked, secret_access_key: masked },
  allowsCustomEndpoints: isLocal() || env.ALLOW_CUSTOM_ENDPOINTS === 'true',
  roleBucketPrefix: env.ROLE_BUCKET_PREFIX ?? 'mp-forwarding-',
})

const readJson = (file: string): unknown => {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new Error(`${file} cannot be read.`, { cause: error })
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`${file} is not JSON: ${error instanceof Error ? error.message : error}`)
  }
}

const complain = (title: string, problems: Problem[]): void => {
  console.error(title)
  for (const { path, message } of problems) console.error(`  ${path || 'workspace'}: ${message}`)
}

const refuseMissing = (missing: Map<string, string>): void => {
  if (missing.size === 0) return
  const names = [...missing].map(([name, path]) => `\n  ${name}, for ${path}`)
  throw new Error(`The environment lacks:${names.join('')}`)
}

const filledFile = (file: string): unknown => {
  const { value, missing } = fillIn(readJson(file), env)
  refuseMissing(missing)
  return value
}

const check = (file: string): number => {
  const read = readWorkspaceFile(filledFile(file), assumedDeployment())
  if (read.ok) {
    const { inputs, outputs, connections } = read.value
    const counts = `inputs ${inputs.length}, outputs ${outputs.length}, connections ${connections.length}`
    console.log(`${file} is fine (${counts}).`)
    return 0
  }
  complain(`${file} has problems:`, read.problems)
  return 1
}

/** The file as the admin API would return it, secrets masked: they need not be in the environment. */
const maskedFile = async (file: string): Promise<WorkspaceFile | Problem[]> => {
  const hidden = mapStrings(readJson(file), (text, path) =>
    isSecretPath(path) && text !== '' ? masked : text
  )
  const { value, missing } = fillIn(hidden, env)
  refuseMissing(missing)
  const read = readWorkspaceFile(value, assumedDeployment())
  return read.ok ? maskSecrets(read.value) : read.problems
}

const diff = async (file: string): Promise<number> => {
  const next = await maskedFile(file)
  if (Array.isArray(next)) {
    complain(`${file} has problems:`, next)
    return 2
  }
  const api = adminApi()
  const { workspace, version } = await readWorkspace(api)
  const changes = changeLines(compareWorkspaces(workspace, next))
  const place = `version ${version} of ${api.url}`
  if (changes.length === 0)
    console.log(`${file} equals ${place}, as far as secrets can be compared.`)
  else console.log(`${file} differs from ${place}. push would change:\n${changes.join('\n')}`)
  return changes.length === 0 ? 0 : 1
}

type Flags = Record<string, boolean | undefined>

const saveQuery = ({ discard, 'no-verify': isUnverified }: Flags): string => {
  const query = new URLSearchParams()
  if (discard) query.set('discard', 'true')
  if (isUnverified) query.set('verify', 'false')
  return `?${query}`
}

const push = async (file: string, flags: Flags): Promise<number> => {
  const api = adminApi()
  const { version } = await saveWorkspace(api, filledFile(file), saveQuery(flags))
  console.log(`${api.url} now has ${file} as version ${version}.`)
  return 0
}

const pull = async (file: string): Promise<number> => {
  const api = adminApi()
  const before = existsSync(file) ? readJson(file) : undefined
  const { workspace, version } = await readWorkspace(api)
  const written = writtenWorkspace(workspace, before, env)
  writeFileSync(file, `${JSON.stringify(written, null, 2)}\n`)
  console.log(`${file} now has version ${version} of ${api.url}.`)
  const names = [...fillIn(written, {}).missing.keys()]
  if (names.length > 0) console.log(`push and check take from the environment: ${names.join(', ')}`)
  return 0
}

const history = async (): Promise<number> => {
  console.log(historyLines(await readVersions(adminApi())).join('\n'))
  return 0
}

const rollback = async (version: string, flags: Flags): Promise<number> => {
  const api = adminApi()
  const restored = await restoreVersion(api, version, saveQuery(flags))
  console.log(`${api.url} now has version ${version} as version ${restored.version}.`)
  return 0
}

interface Command {
  run: (argument: string, flags: Flags) => number | Promise<number>
  /** What the command is about; none by default. */
  argument?: 'FILE' | 'VERSION'
  flags?: Record<string, { type: 'boolean' }>
}

const savingFlags = { discard: { type: 'boolean' }, 'no-verify': { type: 'boolean' } } as const

const commands: Record<string, Command> = {
  check: { run: check, argument: 'FILE' },
  diff: { run: diff, argument: 'FILE' },
  push: { run: push, argument: 'FILE', flags: savingFlags },
  pull: { run: pull, argument: 'FILE' },
  history: { run: history },
  rollback: { run: rollback, argument: 'VERSION', flags: savingFlags },
}

const readCommand = ([name = '', ...args]: string[]): (() => number | Promise<number>) => {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command)
    throw new UsageError(name === '' ? 'Name a command.' : `There is no command ${name}.`)
  const { run, argument, flags: options = {} } = command
  const { values, positionals } = readArguments({ args, options, allowPositionals: true })
  const [subject = '', ...more] = argument ? positionals : ['', ...positionals]
  if (argument && subject === '') throw new UsageError(`${name} needs a ${argument}.`)
  if (more.length > 0) throw new UsageError(`${name} does not take ${more[0]}.`)
  return () => run(subject, values)
}

const complainOf = (error: unknown): void => {
  if (error instanceof Refusal) complain(`${deploymentUrl().origin} refused:`, error.problems)
  else console.error(error instanceof Error ? error.message : error)
}

const main = async (args: string[]): Promise<number> => {
  const run = readOrExit(usage, () => readCommand(args))
  try {
    return await run()
  } catch (error) {
    complainOf(error)
    return args[0] === 'diff' ? 2 : 1
  }
}

process.exitCode = await main(process.argv.slice(2))
