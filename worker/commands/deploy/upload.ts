import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isObject } from '../../base/json'
import type { Secrets } from './secrets'
import type { Target } from './target'
import type { Wrangler } from './wrangler'

const deployArguments = ({ environment }: Target): string[] => ['deploy', `--env=${environment}`]

/** Builds without deploying. */
export const rehearse = async (target: Target, wrangler: Wrangler): Promise<void> => {
  const exitCode = await wrangler.run([...deployArguments(target), '--dry-run'])
  if (exitCode !== 0) throw new Error('The worker could not be built.')
}

/**
 * Builds and deploys. New secrets are uploaded in the same version as the code, so that no version runs
 * without them; all others stay.
 *
 * @returns the addresses of the worker, in wrangler's words
 */
export const upload = async (
  target: Target,
  secrets: Secrets,
  wrangler: Wrangler
): Promise<string[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'weir-deploy-'))
  try {
    const report = join(folder, 'report.ndjson')
    const file = join(folder, 'secrets.json')
    const hasSecrets = Object.keys(secrets).length > 0
    if (hasSecrets) await writeFile(file, JSON.stringify(secrets), { mode: 0o600 })
    const args = [...deployArguments(target), ...(hasSecrets ? ['--secrets-file', file] : [])]
    const exitCode = await wrangler.run(args, { WRANGLER_OUTPUT_FILE_PATH: report })
    if (exitCode !== 0) throw new Error('wrangler could not deploy; see its output above.')
    return readTargets(await readFile(report, 'utf8').catch(() => ''))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const readTargets = (lines: string): string[] => {
  const entries = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line))
  const deployed = entries.filter(isObject).find(({ type }) => type === 'deploy')
  if (!deployed?.version_id) throw new Error('wrangler ended without having deployed.')
  return Array.isArray(deployed.targets) ? deployed.targets.map(String) : []
}

/** The best address: a custom domain, else the `workers.dev` name, else a route on a site. */
export const addressOf = (targets: string[]): string | undefined => {
  const customDomain = targets.find((target) => target.includes('(custom domain'))?.split(' ')[0]
  const shared = targets.find((target) => /^https?:\/\//.test(target))
  const route = targets
    .map((target) => target.split(' ')[0] ?? '')
    .find((pattern) => /^[\w.-]+\.[a-z]+(\/[^*]*)?\/\*$/.test(pattern))
  if (customDomain) return `https://${customDomain}`
  return shared ?? (route && `https://${route.replace(/\/\*$/, '')}`)
}
