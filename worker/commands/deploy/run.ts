import { readArguments, UsageError } from '../arguments'
import { findAccount } from './account'
import { checkAdmin, checkHealth } from './checks'
import { nextSteps } from './next-steps'
import { findSecrets, type NewSecrets, secretNames, storedSecrets, tokensIn } from './secrets'
import { Missing, type Surroundings } from './surroundings'
import { type Target, targetOf } from './target'
import { addressOf, rehearse, upload } from './upload'
import { type Wrangler, wranglerOf } from './wrangler'

const usage = `Builds weir and deploys it to your Cloudflare account.

  npm run deploy                        the worker of wrangler.toml's top
  npm run deploy -- --env staging       that of an environment: staging, production
  npm run deploy -- --dry-run           builds, and lists what it would need; asks nothing

What is missing is asked for, or taken from the environment: CLOUDFLARE_API_TOKEN, CLOUDFLARE_ACCOUNT_ID,
ADMIN_TOKEN, CONFIG_KEY, IDENTITY_KEY. Secrets that the worker has are never replaced.`

const options = {
  env: { type: 'string', default: '' },
  'dry-run': { type: 'boolean' },
} as const

const rehearsal = async (
  target: Target,
  wrangler: Wrangler,
  { env, say }: Surroundings
): Promise<void> => {
  await rehearse(target, wrangler)
  const present = secretNames.filter((name) => env[name])
  const lacking = secretNames.filter((name) => !env[name])
  say(`A deploy would go to ${target.name}. Nothing was deployed.`)
  say(`  In the environment: ${present.join(', ') || 'no secret'}`)
  if (lacking.length > 0) say(`  Needed unless the worker has them: ${lacking.join(', ')}`)
}

// Shown before they are stored, so that they are known even if the deploy fails halfway.
const showGenerated = ({ values, generated }: NewSecrets, { say }: Surroundings): void => {
  if (generated.length === 0) return
  say('\nGenerated now. Store them in a password manager: they cannot be shown again.')
  for (const name of generated) say(`  ${name}=${values[name]}`)
  say('')
}

const check = async (url: string, secrets: NewSecrets, surroundings: Surroundings) => {
  const { env, say, patienceMs } = surroundings
  await checkHealth(url, patienceMs)
  say(`${url}/health answers.`)
  const [token] = tokensIn(secrets.values.ADMIN_TOKEN ?? env.ADMIN_TOKEN ?? '')
  if (!token) {
    say('The admin API was not checked: that needs ADMIN_TOKEN in the environment.')
    return undefined
  }
  const stored = await checkAdmin(url, token, patienceMs)
  say(`${url}/admin/v1 accepts the ADMIN_TOKEN.`)
  return stored
}

// Without an account it is unknown which secrets the worker has.
const withSecrets = (error: unknown, env: NodeJS.ProcessEnv): unknown => {
  const lacking = secretNames.filter((name) => !env[name])
  if (!(error instanceof Missing) || lacking.length === 0) return error
  return new Missing([...error.things, `${lacking.join(', ')}: unless the worker has them`])
}

const deploy = async (target: Target, surroundings: Surroundings): Promise<void> => {
  const { env, say } = surroundings
  const account = await findAccount(
    target,
    wranglerOf({ ...surroundings.wrangler, env }),
    surroundings
  ).catch((error: unknown) => {
    throw withSecrets(error, env)
  })
  const wrangler = wranglerOf({
    ...surroundings.wrangler,
    env: { ...env, CLOUDFLARE_ACCOUNT_ID: account.id },
  })
  const stored = await storedSecrets(target, wrangler)
  say(
    `${stored ? 'Deploys' : 'Creates'} ${target.name} in account ${account.id} ${account.name}`.trim()
  )
  const secrets = await findSecrets(stored, surroundings)
  showGenerated(secrets, surroundings)
  const targets = await upload(target, secrets.values, wrangler)
  const url = addressOf(targets)
  if (!url) {
    say('Deployed, but at no address: set workers_dev or routes in wrangler.toml.')
    return
  }
  say(nextSteps(url, await check(url, secrets, surroundings)))
}

/** @returns the exit code: 1 when it failed, 2 when something is missing or was not understood */
export const runDeploy = async (
  args: string[],
  configFile: string,
  surroundings: Surroundings
): Promise<number> => {
  const { env, complain } = surroundings
  try {
    const { values } = readArguments({ args, options })
    const target = targetOf(values.env, configFile)
    if (values['dry-run']) {
      await rehearsal(target, wranglerOf({ ...surroundings.wrangler, env }), surroundings)
    } else await deploy(target, surroundings)
    return 0
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error))
    if (error instanceof UsageError) complain(`\n${usage}`)
    return error instanceof UsageError || error instanceof Missing ? 2 : 1
  }
}
