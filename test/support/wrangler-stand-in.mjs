// Answers as wrangler 4.86 does, from the file that STAND_IN names, and notes there what it was asked.
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'

const { STAND_IN: file, WRANGLER_OUTPUT_FILE_PATH: output, CLOUDFLARE_ACCOUNT_ID } = process.env
const args = process.argv.slice(2)
const state = JSON.parse(readFileSync(file, 'utf8'))
const [command] = args
const optionOf = (name) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined)
const environment = args.find((one) => one.startsWith('--env='))?.slice('--env='.length)
const name = environment ? `weir-${environment}` : 'weir'

const end = (exitCode) => {
  writeFileSync(file, JSON.stringify(state))
  process.exit(exitCode)
}

const fail = (message) => {
  console.error(
    `\u001b[31m✘ \u001b[41;31m[\u001b[41;97mERROR\u001b[41;31m]\u001b[0m \u001b[1m${message}\u001b[0m`
  )
  end(1)
}

const deploy = () => {
  const isDry = args.includes('--dry-run')
  const secretsFile = optionOf('--secrets-file')
  const given = secretsFile ? JSON.parse(readFileSync(secretsFile, 'utf8')) : {}
  if (secretsFile)
    state.secretsFile = { path: secretsFile, mode: statSync(secretsFile).mode & 0o777 }
  if (isDry) end(0)
  state.workers[name] = { ...state.workers[name], ...given }
  if (state.failing === 'address') fail('You need to register a workers.dev subdomain')
  const entry = { type: 'deploy', version: 1, worker_name: name, targets: state.targets }
  appendFileSync(output, `${JSON.stringify({ type: 'wrangler-session', version: 1 })}\n`)
  const version_id = state.failing === 'cancelled' ? null : 'a-version'
  appendFileSync(output, `${JSON.stringify({ ...entry, version_id })}\n`)
  end(0)
}

state.calls.push({
  args: args.filter((one) => one !== optionOf('--secrets-file')),
  CLOUDFLARE_ACCOUNT_ID,
})
if (state.failing === command) fail('Authentication error [code: 10000]')
if (command === 'login') {
  state.isLoggedIn = true
  end(0)
}
if (command === 'whoami') {
  const { isLoggedIn, accounts } = state
  console.log(JSON.stringify(isLoggedIn ? { loggedIn: true, accounts } : { loggedIn: false }))
  end(isLoggedIn ? 0 : 1)
}
if (command === 'secret') {
  const worker = state.workers[name]
  if (!worker)
    fail(
      `Worker "${name}" not found.\n\nIf this is a new Worker, run \`wrangler deploy\` first to create it.`
    )
  console.log(
    JSON.stringify(Object.keys(worker).map((one) => ({ name: one, type: 'secret_text' })))
  )
  end(0)
}
deploy()
