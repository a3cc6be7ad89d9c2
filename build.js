// Builds what browsers and integrations load: the SDK and the console's scripts, into dist/.
//
//   node build.js                 builds all of it
//   node build.js --if-changed    builds unless the last build was made of the same files
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { rollup } from 'rollup'
import { fingerprint } from './worker/commands/fingerprint.js'

process.chdir(import.meta.dirname)

const sources = [
  'sdk',
  'worker/console/page',
  'worker/admin/openapi.json',
  'build.js',
  'rollup.config.js',
  'tsconfig.json',
  'package.json',
  'package-lock.json',
]
const stamp = 'dist/build.txt'
const lock = 'dist/build.lock'

const isBuiltOf = (print) => existsSync(stamp) && readFileSync(stamp, 'utf8') === print

const isAlive = (pid) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Waits while another process builds: both would write the same files. */
const takeLock = async () => {
  mkdirSync('dist', { recursive: true })
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
      return
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    const holder = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : 0
    // A file that is still empty was made this instant.
    if (holder > 0 && !isAlive(holder)) rmSync(lock, { force: true })
    await setTimeout(50)
  }
}

const secondsSince = (startMs) => `${((performance.now() - startMs) / 1000).toFixed(1)} s`

const buildPart = async ({ output, ...input }) => {
  const startMs = performance.now()
  const bundle = await rollup(input)
  await bundle.write(output)
  await bundle.close()
  console.log(`  ${(output.file ?? `${output.dir}/`).padEnd(26)}${secondsSince(startMs)}`)
}

const build = async () => {
  const startMs = performance.now()
  console.log('Building the SDK and the scripts of the console:')
  const { default: parts } = await import('./rollup.config.js')
  // One after the other: some read what an earlier one wrote.
  for (const part of parts) await buildPart(part)
  copyFileSync('worker/admin/openapi.json', 'dist/public/openapi.json')
  console.log(`Built in ${secondsSince(startMs)}.`)
}

const { values } = parseArgs({ options: { 'if-changed': { type: 'boolean', default: false } } })
const isNeeded = () => !values['if-changed'] || !isBuiltOf(fingerprint(sources))

if (isNeeded()) {
  await takeLock()
  try {
    // Another process may have built it meanwhile.
    if (isNeeded()) {
      const print = fingerprint(sources)
      rmSync(stamp, { force: true })
      await build()
      writeFileSync(stamp, print)
    }
  } finally {
    rmSync(lock, { force: true })
  }
}
