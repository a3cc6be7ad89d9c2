import { listDurableObjectIds, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, expect, it, vi } from 'vitest'
import {
  batchOf,
  expectBalance,
  keys,
  moveClock,
  put,
  s3Connection,
  seed,
  status,
  upload,
} from '../support/weir'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const hourMs = 3_600_000

/** Runs each alarm whose time has come, as the platform would. */
const runDueAlarms = async (name: 'PROFILE' | 'OUTBOX'): Promise<void> => {
  const namespace = env[name] as unknown as DurableObjectNamespace
  for (const id of await listDurableObjectIds(namespace)) {
    const stub = namespace.get(id)
    const due = await runInDurableObject(stub, (_, state) => state.storage.getAlarm())
    if (due !== null && due <= Date.now()) await runDurableObjectAlarm(stub)
  }
}

type Phase = 'up' | 'slow down' | 'forbidden' | 'no bucket'

const answers: Record<Phase, () => Response> = {
  up: () => new Response(null, { status: 200 }),
  'slow down': () => new Response('<Error><Code>SlowDown</Code></Error>', { status: 503 }),
  forbidden: () => new Response('<Error><Code>AccessDenied</Code></Error>', { status: 403 }),
  'no bucket': () => new Response('<Error><Code>NoSuchBucket</Code></Error>', { status: 404 }),
}

/** An S3 in which the bucket `down` is in the given phase; lines by bucket, as they were stored. */
const scriptS3 = (down: string) => {
  const stored = new Map<string, string>()
  const s3 = { phase: 'up' as Phase, puts: 0 }
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const request = new Request(input as Request, init as RequestInit)
    const [, bucket, ...key] = new URL(request.url).pathname.split('/')
    const isDown = bucket === down
    if (isDown) s3.puts += 1
    const answer = answers[isDown ? s3.phase : 'up']()
    if (answer.ok) stored.set(`${bucket}/${key.join('/')}`, await request.text())
    return answer
  })
  const events = (bucket: string): { mpid: string; n: number }[] =>
    [...stored]
      .filter(([key]) => key.startsWith(`${bucket}/`) && !key.includes('Verification'))
      .sort(([a], [b]) => a.localeCompare(b))
      .flatMap(([, text]) => text.split('\n').filter(Boolean))
      .map((line) => JSON.parse(line))
      .flatMap((batch) =>
        batch.events.map((event: { data: { event_name: string } }) => ({
          mpid: batch.mpid,
          n: Number(event.data.event_name),
        }))
      )
  return { s3, events }
}

it('outlives a fortnight of an output being down, then forbidden, then gone', {
  timeout: 120_000,
}, async () => {
  const seeded = await seed({ sqs: false, s3: { retention_hours: 720 } })
  const input = seeded.key.replace('key-', '')
  const { s3, events } = scriptS3(seeded.bucket)
  await put('/outputs/other', {
    kind: 's3',
    settings: { ...keys, endpoint_url: 'http://127.0.0.1:1' },
  })
  const healthy = { bucket_name: 'healthy', store_by_date: 'none', file_seconds: 5 }
  await put('/connections/healthy', { input, output: 'other', settings: healthy })

  let sent = 0
  const mpids = ['5001', '5002', '5003']
  const live = async (hours: number, stepHours: number): Promise<void> => {
    for (let hour = 0; hour < hours; hour += stepHours) {
      for (const mpid of mpids) await upload(seeded.key, batchOf([String(sent++)], { mpid }))
      moveClock(6_000)
      await runDueAlarms('PROFILE')
      moveClock(6_000)
      await runDueAlarms('OUTBOX')
      // The connection beside it never waits.
      expect(events('healthy')).toHaveLength(sent)
      moveClock(stepHours * hourMs - 12_000)
    }
  }
  s3.phase = 'slow down'
  await live(336, 6)
  expect((await status(s3Connection(seeded))).state).toBe('retrying')
  s3.phase = 'forbidden'
  await live(12, 2)
  expect((await status(s3Connection(seeded))).state).toBe('failing')
  s3.phase = 'no bucket'
  await live(12, 2)
  const down = await status(s3Connection(seeded))
  expect(down).toMatchObject({
    state: 'failing',
    ledger: { accepted: sent, waiting: sent, dead: 0 },
  })
  expectBalance(down)
  expect(events(seeded.bucket)).toEqual([])

  s3.phase = 'up'
  await live(4, 2)
  const well = await status(s3Connection(seeded))
  expect(well).toMatchObject({
    state: 'ok',
    ledger: { accepted: sent, delivered: sent, waiting: 0 },
  })
  expectBalance(well)
  for (const bucket of [seeded.bucket, 'healthy']) {
    const arrived = events(bucket)
    expect(new Set(arrived.map((one) => one.n)).size).toBe(sent)
    expect(arrived).toHaveLength(sent)
    for (const mpid of mpids) {
      const own = arrived.filter((one) => one.mpid === mpid).map((one) => one.n)
      expect(own).toEqual([...own].sort((a, b) => a - b))
    }
  }
})
