import { runKpis } from './run'

// Leaving ends all work; the database's folder goes with the process.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.on(signal, () => process.exit(code))
}
// A reader such as `head` that has seen enough.
process.stdout.on('error', () => process.exit(0))

const { env, stdout, stderr } = process
process.exitCode = await runKpis(process.argv.slice(2), { env, stdout, stderr })
