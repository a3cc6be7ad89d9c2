import { join, resolve } from 'node:path'
import { runDeploy } from './run'
import { terminal } from './terminal'

const { env } = process
const root = resolve(import.meta.dirname, '../../..')

process.exitCode = await runDeploy(process.argv.slice(2), join(root, 'wrangler.toml'), {
  env,
  wrangler: { command: [process.execPath, join(root, 'node_modules/wrangler/bin/wrangler.js')] },
  asking: terminal(env),
  say: (line) => console.log(line),
  complain: (line) => console.error(line),
  patienceMs: 120_000,
})
