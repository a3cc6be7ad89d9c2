import { isObject } from '../../base/json'
import { Missing, type Surroundings } from './surroundings'
import type { Target } from './target'
import { complaintOf, type Wrangler } from './wrangler'

export interface Account {
  id: string
  /** Empty where it is not known. */
  name: string
}

const readAccounts = (text: string): Account[] | undefined => {
  const answer: unknown = JSON.parse(text)
  if (!isObject(answer) || answer.loggedIn !== true || !Array.isArray(answer.accounts)) {
    return undefined
  }
  return answer.accounts.filter(isObject).map(({ id, name }) => ({
    id: String(id),
    name: String(name ?? ''),
  }))
}

/** The accounts of the logged-in person; undefined when logged out. */
const askAccounts = async (wrangler: Wrangler): Promise<Account[] | undefined> => {
  const said = await wrangler.ask(['whoami', '--json'])
  try {
    return readAccounts(said.stdout)
  } catch {
    throw new Error(`Cloudflare could not be asked who you are.\n${complaintOf(said)}`)
  }
}

const logIn = async (
  wrangler: Wrangler,
  { asking }: Surroundings
): Promise<Account[] | undefined> => {
  if (!asking) return undefined
  if (!(await asking.confirm('You are not logged in to Cloudflare. Log in now?'))) return undefined
  await wrangler.run(['login'])
  return askAccounts(wrangler)
}

const choose = async (accounts: Account[], { asking }: Surroundings): Promise<Account> => {
  const names = accounts.map(({ id, name }) => `${id}  ${name}`)
  const chosen = asking && accounts[await asking.choose('Which account?', names)]
  if (chosen) return chosen
  throw new Missing([
    `CLOUDFLARE_ACCOUNT_ID: you have several accounts${names.map((name) => `\n    ${name}`).join('')}`,
  ])
}

/** @throws Missing when logged out, or when the account must be chosen and cannot be asked for */
export const findAccount = async (
  target: Target,
  wrangler: Wrangler,
  surroundings: Surroundings
): Promise<Account> => {
  const { env } = surroundings
  const id = env.CLOUDFLARE_ACCOUNT_ID || target.accountId
  // Not looked up: an API token may lack the permission to list accounts.
  if (env.CLOUDFLARE_API_TOKEN && id) return { id, name: '' }
  const accounts = (await askAccounts(wrangler)) ?? (await logIn(wrangler, surroundings))
  if (!accounts) {
    const how = 'an API token made from the template "Edit Cloudflare Workers"'
    throw new Missing([`CLOUDFLARE_API_TOKEN: ${how}; or log in first: npx wrangler login`])
  }
  if (id) return accounts.find((account) => account.id === id) ?? { id, name: '' }
  const [only, ...others] = accounts
  if (!only) throw new Missing(['CLOUDFLARE_ACCOUNT_ID: Cloudflare lists no account of yours'])
  return others.length === 0 ? only : choose(accounts, surroundings)
}
