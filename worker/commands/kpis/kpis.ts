import { runKpis } from './run'

// Exiting ends all work; the temporary folder of the database is removed at exit.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.on(signal, () => process.exit(code))
}
// A reader such as `head` has closed the pipe.
process.stdout.on('error', () => process.exit(0))

const { env, stdout, stderr } = process
process.exitCode = await runKpis(process.argv.slice(2), { env, stdout, stderr })
