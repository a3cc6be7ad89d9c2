import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildWorker } from '../../worker/commands/runtime'
import { type Gate, startGate } from '../support/gate/gate'
import { adminToken, callAdmin, drained, mendAlways } from './admin'
import { faultCounts, makeWeather } from './faults'
import type { HostSettings } from './host'
import { type Host, type SpareHost, spawnHost } from './host-process'
import { freed, quietPort } from './ports'
import { between, type Random, seededRandom, wait } from './random'
import { connections, judge, type Landed, workspace } from './scenario'
import { type PlannedUpload, planUploads } from './uploads'
import { type WriterCounts, writeAll } from './writers'

export interface ChaosOptions {
  seed: number
  kills: number
  uploads: number
  writers: number
}

export interface ChaosReport extends Landed {
  /** Whatever should not be. */
  problems: string[]
  kills: number
  uploads: number
  events: number
  writing: WriterCounts
  faults: Record<string, number>
  /** Warnings and errors of the worker, counted. */
  logged: Record<string, number>
  seconds: number
}

const keys = { accessKeyId: 'AKIDCHAOS', secretAccessKey: 'chaos-secret' }
const identityKey = 'chaos-identity-key'
// Of all kills, those that come while the last deliveries drain.
const lateShare = 0.2
const patienceMs = 120_000

/** The one worker of a run, which goes down and comes back on the same port and state. */
interface Patient {
  url: string
  kills: number
  killAndRestart(): Promise<void>
  end(): Promise<void>
}

const startPatient = async (dir: string, logged: Record<string, number>): Promise<Patient> => {
  const settings: HostSettings = {
    port: await quietPort(),
    persist: join(dir, 'state'),
    bundleDir: await buildWorker(),
    vars: {
      ADMIN_TOKEN: adminToken,
      CONFIG_KEY: 'chaos-config-key',
      IDENTITY_KEY: identityKey,
      ALLOW_CUSTOM_ENDPOINTS: 'true',
      BATCH_WINDOW_SECONDS: '1',
    },
  }
  const start = (spare: SpareHost): Promise<Host> =>
    spare.start(settings, ({ level, message, error }) => {
      if (level !== 'warn' && level !== 'error') return
      const line = `${message} ${error}`.trim()
      logged[line] = (logged[line] ?? 0) + 1
    })
  let host = await start(spawnHost())
  let spare = spawnHost()
  const patient: Patient = {
    url: host.url,
    kills: 0,
    async killAndRestart() {
      await host.kill()
      // A process that is a zombie may have threads that still hold its sockets.
      await freed(settings.port)
      patient.kills += 1
      host = await start(spare)
      spare = spawnHost()
    },
    async end() {
      await Promise.all([host.kill(), spare.kill()])
    },
  }
  return patient
}

interface Run {
  options: ChaosOptions
  gate: Gate
  patient: Patient
  uploads: PlannedUpload[]
}

/** Writes through kills and faults, lets everything drain, and looks whether all is there. */
export const runChaos = async (options: ChaosOptions): Promise<ChaosReport> => {
  const started = Date.now()
  const dir = await mkdtemp(join(tmpdir(), 'weir-chaos-'))
  const gate = await startGate({ credentials: keys, seed: options.seed })
  const logged: Record<string, number> = {}
  const patient = await startPatient(dir, logged)
  try {
    const random = seededRandom(options.seed)
    const uploads = await planUploads(options.uploads, { random, identityKey })
    await seed(gate, patient.url)
    const run: Run = { options, gate, patient, uploads }
    const writing = await storm(run)
    const problems = await calm(run)
    const landed = await judge(gate, patient.url, uploads)
    return {
      ...landed,
      problems: [...problems, ...landed.problems],
      kills: patient.kills,
      uploads: uploads.length,
      events: uploads.reduce((sum, one) => sum + one.events.length, 0),
      writing,
      faults: faultCounts(gate),
      logged,
      seconds: (Date.now() - started) / 1000,
    }
  } finally {
    await patient.end()
    await gate.stop()
    await rm(dir, { recursive: true, force: true })
  }
}

const seed = async (gate: Gate, url: string): Promise<void> => {
  for (const { bucket, queue } of connections) {
    if (bucket) await gate.createBucket(bucket)
    if (queue) await gate.createQueue(queue)
  }
  const body = JSON.stringify(workspace(gate.url, keys))
  await callAdmin(url, '/workspace', { method: 'PUT', body })
}

// Numbers that depend on how fast things go come from streams of their own.
const streams = { kills: 1, weather: 2, writers: 3 }
const stream = ({ seed: base }: ChaosOptions, name: keyof typeof streams): Random =>
  seededRandom(base * 1000 + streams[name])

const storm = async ({ options, gate, patient, uploads }: Run): Promise<WriterCounts> => {
  const progress = { done: 0, isWritten: false, isOver: false }
  const isOver = (): boolean => progress.isOver
  const weather = makeWeather(gate, stream(options, 'weather'), isOver)
  const owner = mendAlways(
    patient.url,
    connections.map(({ id }) => id),
    isOver
  )
  const writing = writeAll(
    {
      url: `${patient.url}/webevents/v3/JS/chaos-key/events`,
      random: stream(options, 'writers'),
      uploads,
      pauseMs: 50,
      onAcknowledged: (done) => {
        progress.done = done
      },
      isOver,
    },
    options.writers
  )
  try {
    const [counts] = await Promise.all([
      writing.finally(() => {
        progress.isWritten = true
      }),
      killNowAndThen(options, patient, progress),
    ])
    return counts
  } finally {
    progress.isOver = true
    await Promise.all([weather, owner])
  }
}

const killNowAndThen = async (
  options: ChaosOptions,
  patient: Patient,
  progress: { done: number; isWritten: boolean }
): Promise<void> => {
  const random = stream(options, 'kills')
  const late = Math.floor(options.kills * lateShare)
  const thresholds = Array.from({ length: options.kills - late }, () =>
    between(random, 1, Math.floor(options.uploads * 0.97))
  ).sort((a, b) => a - b)
  for (const threshold of thresholds) {
    while (progress.done < threshold && !progress.isWritten) await wait(5)
    await wait(between(random, 0, 400))
    await patient.killAndRestart()
  }
  while (!progress.isWritten) await wait(5)
  for (let i = 0; i < late; i++) {
    await wait(between(random, 100, 1500))
    await patient.killAndRestart()
  }
}

const calm = async ({ patient, uploads }: Run): Promise<string[]> => {
  const progress = { isOver: false }
  const owner = mendAlways(
    patient.url,
    connections.map(({ id }) => id),
    () => progress.isOver
  )
  const mpids = [...new Set(uploads.map(({ mpid }) => mpid))]
  try {
    const left = await drained(patient.url, mpids, patienceMs)
    // What is at rest must look the same to a new process.
    await patient.killAndRestart()
    return left.map((one) => `After ${patienceMs / 1000} s, ${one}.`)
  } finally {
    progress.isOver = true
    await owner
  }
}
