import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { readArguments, UsageError } from './arguments'
import type { Landed } from './aws/landed'
import { startAws } from './aws/server'
import { lockFolder } from './data-lock'
import { exampleName, seedExample } from './example'
import { landedLine } from './landed-line'
import { leave } from './leave'
import { whenAbandoned } from './processes'
import { makePublicDir } from './public-dir'
import { buildWorker, checkPort, startWorker } from './runtime'
import { localSecrets } from './secrets-file'
import { localCertificate } from './tls/certificate'
import { startTlsFront } from './tls/front'

const { env } = process

const portOf = (name: string, fallback: number): number => {
  const port = Number(env[name] || fallback)
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port
  throw new Error(`${name} must be a port number, not ${env[name]}.`)
}

const usage = 'Usage: npm start [-- --https]'

let printing = Promise.resolve()

// Printed in order, although reading a compressed object takes longer than reading a message.
const printLanded = (item: Landed): void => {
  const at = new Date()
  printing = printing.then(async () => console.log(await landedLine(item, at)))
}

const startTls = async (folder: string, ports: { port: number; to: number }) => {
  const certificate = await localCertificate(join(folder, 'tls'), new Date())
  return { ...(await startTlsFront(certificate, ports)), file: certificate.file }
}

type Stop = () => Promise<void> | void

/** Starts everything. `stops` gets what was started, also when a later step fails. */
const start = async (stops: Stop[]): Promise<void> => {
  const { https: hasTls } = readArguments({ options: { https: { type: 'boolean' } } }).values
  const port = portOf('PORT', 8787)
  const awsPort = portOf('AWS_PORT', 4566)
  const tlsPort = portOf('HTTPS_PORT', 8443)
  const folder = resolve(env.WEIR_DATA || '.weir')
  mkdirSync(folder, { recursive: true })
  stops.push(lockFolder(folder))
  await checkPort(port)
  const dataDir = join(folder, 'aws')
  const aws = await startAws({ port: awsPort, dataDir, onLanded: printLanded })
  stops.push(aws.stop)
  await aws.createQueue(exampleName)
  await aws.createBucket(exampleName)
  const secrets = localSecrets(join(folder, 'secrets.json'))
  const publicDir = join(folder, 'public')
  const demo = { aws_url: aws.url, admin_token: secrets.ADMIN_TOKEN }
  const [bundleDir] = await Promise.all([buildWorker(), makePublicDir(publicDir, demo)])
  const worker = await startWorker({
    port,
    persist: join(folder, 'objects'),
    vars: { ...secrets, BATCH_WINDOW_SECONDS: '2', ALLOW_CUSTOM_ENDPOINTS: 'true' },
    publicDir,
    bundleDir,
  })
  stops.push(worker.stop)
  const tls = hasTls ? await startTls(folder, { port: tlsPort, to: worker.port }) : undefined
  if (tls) stops.push(tls.stop)
  const seeded = await seedExample({ url: worker.url, token: secrets.ADMIN_TOKEN }, aws.url)
  const token = secrets.ADMIN_TOKEN
  console.log(greeting({ url: worker.url, tls, awsUrl: aws.url, token, folder, seeded }))
}

interface Started {
  url: string
  tls: { url: string; file: string } | undefined
  awsUrl: string
  token: string
  folder: string
  seeded: Awaited<ReturnType<typeof seedExample>>
}

const greeting = ({ url, tls, awsUrl, token, folder, seeded }: Started): string => `
weir is running. Ctrl-C stops it.

  Demo page   ${url}/demo
  Console     ${url}/console, token ${token}
  Worker      ${url}
${tls ? `  With TLS    ${tls.url}, certificate ${tls.file}\n` : ''}  SDK         ${url}/weir.js
  Admin API   ${url}/admin/v1, token ${token}
  Local AWS   ${awsUrl}, queue ${exampleName}, bucket ${exampleName}
  Data        ${folder}
${seeded === 'moved' ? `\nThe example's outputs now point to ${awsUrl}.\n` : ''}
What lands in the queue and in the bucket:
`

const stops: Stop[] = []
let isStopping = false

const stop = async (exitCode: number): Promise<void> => {
  if (isStopping) return
  isStopping = true
  for (const stop of stops.reverse()) await stop()
  await printing
  await leave(exitCode)
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

// Miniflare and wrangler exit at once on signals, with a code that npm reports as a failure. tsx's
// listener, which `listeners` does not list, stays: it reports signals to its parent.
const takeSignals = (): void => {
  for (const signal of signals) {
    for (const listener of process.listeners(signal)) process.removeListener(signal, listener)
    process.on(signal, () => void stop(0))
  }
}

takeSignals()
void whenAbandoned(() => void stop(0))
start(stops).then(takeSignals, (error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  if (error instanceof UsageError) console.error(usage)
  return stop(error instanceof UsageError ? 2 : 1)
})
