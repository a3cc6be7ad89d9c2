import { randomBytes } from 'node:crypto'
import { isObject } from '../../base/json'
import { demoAdminToken } from '../secrets-file'
import { Missing, type Surroundings } from './surroundings'
import type { Target } from './target'
import { complaintOf, type Wrangler } from './wrangler'

const purposes = {
  ADMIN_TOKEN: 'lets you use the admin API',
  CONFIG_KEY: 'seals the credentials in the workspace',
  IDENTITY_KEY: 'derives the ids of users; with another one, all users get new ids',
}

export type SecretName = keyof typeof purposes
export type Secrets = Partial<Record<SecretName, string>>

export const secretNames: SecretName[] = ['ADMIN_TOKEN', 'CONFIG_KEY', 'IDENTITY_KEY']

/**
 * The names of the secrets that the worker has; undefined when there is no such worker yet.
 *
 * @throws Error when they cannot be listed: then none may be taken for missing.
 */
export const storedSecrets = async (
  { environment }: Target,
  wrangler: Wrangler
): Promise<Set<string> | undefined> => {
  const said = await wrangler.ask(['secret', 'list', `--env=${environment}`])
  if (said.exitCode !== 0) {
    if (/Worker "[^"]*".* not found\./.test(said.stderr)) return undefined
    throw new Error(`The secrets of the worker cannot be listed.\n${complaintOf(said)}`)
  }
  return new Set(readNames(said.stdout))
}

const readNames = (text: string): string[] => {
  try {
    const list: unknown = JSON.parse(text)
    if (Array.isArray(list) && list.every(isObject)) return list.map(({ name }) => String(name))
  } catch (error) {
    throw new Error(`wrangler secret list did not print a list: ${text}`, { cause: error })
  }
  throw new Error(`wrangler secret list did not print a list: ${text}`)
}

const shortest = 16
const named = /^[a-z0-9-]+:/

/** The tokens in an `ADMIN_TOKEN`, without their names. */
export const tokensIn = (secret: string): string[] =>
  secret
    .split(/[,\n]/)
    .map((entry) => entry.trim().replace(named, ''))
    .filter((token) => token !== '')

/** What is wrong with a secret, if anything. */
const flawOf = (name: SecretName, value: string): string | undefined => {
  const parts = name === 'ADMIN_TOKEN' ? tokensIn(value) : [value]
  if (parts.length === 0 || parts.some((part) => part.length < shortest)) {
    return `must have ${shortest} characters or more`
  }
  return parts.includes(demoAdminToken) ? 'is the token of the demo' : undefined
}

const generated = (): string => randomBytes(32).toString('hex')

export interface NewSecrets {
  values: Secrets
  /** Those that were generated here and must be shown to the user. */
  generated: SecretName[]
}

const askFor = async (
  name: SecretName,
  { asking, say }: Surroundings
): Promise<string | undefined> => {
  for (;;) {
    const question = `${name} ${purposes[name]}.\n  Paste one, or press Return to generate one: `
    const secret = await asking?.secret(question)
    if (!secret) return undefined
    const flaw = flawOf(name, secret)
    if (!flaw) return secret
    say(`${name} ${flaw}.`)
  }
}

interface Complaints {
  flaws: string[]
  missing: string[]
}

const complaintsOf = (lacking: SecretName[], env: NodeJS.ProcessEnv): Complaints => ({
  flaws: lacking.flatMap((name) => {
    const flaw = env[name] ? flawOf(name, env[name]) : undefined
    return flaw ? `${name} ${flaw}` : []
  }),
  missing: lacking
    .filter((name) => !env[name])
    .map((name) => `${name}: ${purposes[name]} (openssl rand -hex 32)`),
})

const showStored = (stored: Set<string> | undefined, { env, say }: Surroundings): void => {
  for (const name of secretNames.filter((known) => stored?.has(known))) {
    const note = env[name] ? '; the environment’s is not used' : ''
    say(`  ${name.padEnd(12)}  is stored, and stays${note}`)
  }
}

/**
 * Finds values for the secrets that the worker lacks: in the environment, else by asking, else by
 * generating them. Secrets that the worker has are never replaced.
 *
 * @throws Missing that names all of them when there is no terminal to ask at
 */
export const findSecrets = async (
  stored: Set<string> | undefined,
  surroundings: Surroundings
): Promise<NewSecrets> => {
  const { env, asking, say } = surroundings
  showStored(stored, surroundings)
  const lacking = secretNames.filter((name) => !stored?.has(name))
  const { flaws, missing } = complaintsOf(lacking, env)
  if (flaws.length > 0 || (missing.length > 0 && !asking)) throw new Missing([...flaws, ...missing])
  if (stored && lacking.some((name) => name !== 'ADMIN_TOKEN')) {
    say('  This worker is there already. If it ever had the keys that it lacks, give it the same.')
  }
  const found: NewSecrets = { values: {}, generated: [] }
  for (const name of lacking) {
    const known = env[name] || (await askFor(name, surroundings))
    if (!known) found.generated.push(name)
    found.values[name] = known ?? generated()
    say(
      `  ${name.padEnd(12)}  ${env[name] ? 'from the environment' : known ? 'as entered' : 'generated now'}`
    )
  }
  return found
}
