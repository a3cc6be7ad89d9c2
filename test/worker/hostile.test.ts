import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { gate } from '../support/gate-client'
import { uploadOf } from '../support/profile'
import {
  admin,
  batchOf,
  eventNames,
  expectBalance,
  linesIn,
  passFile,
  passWindow,
  put,
  request,
  s3Connection,
  seed,
  sqsConnection,
  status,
  upload,
} from '../support/weir'

afterEach(() => {
  vi.useRealTimers()
})

let nextMpid = 7000
const newMpid = (): string => String(nextMpid++)

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`

/** Sends `strange` between two good batches of one user, and says which events arrived. */
const arrivedAround = async (strange: (key: string, mpid: string) => Promise<Response>) => {
  const seeded = await seed({ sqs: false })
  const mpid = newMpid()
  await upload(seeded.key, batchOf(['before'], { mpid }))
  const answer = await strange(seeded.key, mpid)
  await upload(seeded.key, batchOf(['after'], { mpid }))
  await passWindow()
  await passFile()
  expectBalance(await status(s3Connection(seeded)))
  return { status: answer.status, names: eventNames(await linesIn(seeded.bucket)) }
}

describe('a strange body', () => {
  const bodies = [
    {
      title: 'objects where text is expected',
      body: { device_info: { platform: { toString: 1 } } },
    },
    {
      title: 'lists where objects are expected',
      body: { device_info: [], user_attributes: [], context: [1] },
    },
    {
      title: 'names of prototypes',
      body: { user_identities: { __proto__: 'x', constructor: 'y' } },
    },
    { title: 'numbers beyond all bounds', raw: '"timestamp_unixtime_ms":1e400,"ip":9e999' },
    {
      title: 'text that no encoding has',
      raw: '"user_attributes":{"a":"\\ud800","b":"\\u0000","c":"\\uffff"}',
    },
    { title: 'nesting that is still allowed', raw: `"strange":${nested(150)}` },
  ]
  it.each(bodies)('with $title harms nobody', async ({ body, raw }) => {
    const { status: answered, names } = await arrivedAround((key, mpid) => {
      const own = JSON.stringify({ ...batchOf(['strange'], { mpid }), ...body })
      return upload(key, raw ? own.replace('{', `{${raw},`) : own)
    })
    expect(answered).toBe(202)
    expect(names).toEqual(['before', 'strange', 'after'])
  })

  it('that is nested too deep is rejected', async () => {
    const { status: answered, names } = await arrivedAround((key, mpid) =>
      upload(
        key,
        `{"mpid":"${mpid}","events":[{"event_type":"custom_event","data":{"a":${nested(3000)}}}]}`
      )
    )
    expect(answered).toBe(202)
    expect(names).toEqual(['before', 'after'])
  })

  it('of an alias request harms nobody', async () => {
    const { names } = await arrivedAround((key, mpid) =>
      request(`/webevents/v1/identity/${key}/Alias`, {
        method: 'POST',
        body: JSON.stringify({
          device_info: { platform: { toString: 1 } },
          data: {
            destination_mpid: mpid,
            source_mpid: '1',
            start_unixtime_ms: 1,
            end_unixtime_ms: 2,
          },
        }),
      })
    )
    expect(names).toEqual(['before', 'after'])
  })
})

describe('much at once', () => {
  it('from one device in one window is delivered, in order', async () => {
    const seeded = await seed({ s3: { file_bytes: 8_388_608 }, sqs: { send_as_batch: true } })
    const mpid = newMpid()
    const names = Array.from({ length: 12 }, (_, i) => `large ${String(i).padStart(2, '0')}`)
    for (const name of names) {
      const [event] = batchOf([name]).events
      const data = { ...event!.data, custom_attributes: { filler: 'é'.repeat(60_000) } }
      await upload(seeded.key, { ...batchOf([], { mpid }), events: [{ ...event, data }] })
    }
    for (let i = 0; i < 8; i++) {
      await passWindow()
      await passFile()
    }
    expect(eventNames(await linesIn(seeded.bucket))).toEqual(names)
    const bodies = (await gate.messages(seeded.queue)).map((one) => JSON.parse(one.body))
    expect(eventNames(bodies).sort()).toEqual(names)
    for (const id of [s3Connection(seeded), sqsConnection(seeded)]) expectBalance(await status(id))
  })

  it('that shares large fields is not repeated for each event without bound', async () => {
    const seeded = await seed({ sqs: false, s3: { send_as_batch: false } })
    const names = Array.from({ length: 400 }, (_, i) => `n${i}`)
    const user_attributes = { filler: 'x'.repeat(100_000) }
    const batch = batchOf(names, { mpid: newMpid(), user_attributes })
    expect((await upload(seeded.key, batch)).status).toBe(202)
    await passWindow()
    await passFile()
    expect((await status(s3Connection(seeded))).ledger.accepted).toBe(400)
    const held = await status(s3Connection(seeded))
    expectBalance(held)
    expect(held.waiting.bytes).toBeLessThan(32_000_000)
  })

  it('of a megabyte at once finds room beside a profile that is full, and keeps its place', async () => {
    const seeded = await seed({ sqs: false })
    const mpid = newMpid()
    const names = ['first', 'second', 'third', 'fourth', 'fifth', 'large', 'after']
    for (const name of names.slice(0, 5)) {
      const user_attributes = { [name]: '€'.repeat(79_500) }
      await upload(seeded.key, batchOf([name], { mpid, user_attributes }))
    }
    // As a Mobile Analytics request may be, but no other upload.
    const { version } = (await (await admin('/workspace')).json()) as { version: number }
    const large = batchOf(['large'], { mpid, filler: 'x'.repeat(1_040_000) })
    const facts = { input: seeded.key.replace('key-', ''), version, received_ms: Date.now() }
    await env.PROFILE.getByName(mpid).upload(mpid, uploadOf(large, undefined, facts))
    await upload(seeded.key, batchOf(['after'], { mpid }))
    // The outbox takes a megabyte at a time here, and refuses what comes meanwhile.
    for (let i = 0; i < 5; i++) {
      await passWindow()
      await passFile()
    }
    expect(eventNames(await linesIn(seeded.bucket))).toEqual(names)
  })

  it('in a profile’s attributes stops filling the profile, not its events', async () => {
    const seeded = await seed({ sqs: false })
    const mpid = newMpid()
    for (let i = 0; i < 10; i++) {
      const user_attributes = { [`filler ${i}`]: 'x'.repeat(200_000) }
      const answer = await upload(seeded.key, batchOf([`e${i}`], { mpid, user_attributes }))
      expect(answer.status).toBe(202)
      await passWindow()
      await passFile()
    }
    expect(eventNames(await linesIn(seeded.bucket))).toHaveLength(10)
    expect((await (await admin(`/profiles/${mpid}`)).text()).length).toBeLessThan(500_000)
  })
})

describe('a change of the workspace', () => {
  it('does not drop what came in before a connection was switched off', async () => {
    const seeded = await seed({ sqs: false })
    const path = `/connections/${s3Connection(seeded)}`
    await upload(seeded.key, batchOf(['before'], { mpid: newMpid() }))
    const given = (await (await admin(path)).json()) as Record<string, unknown>
    await put(path, { ...given, enabled: false })
    await upload(seeded.key, batchOf(['while off'], { mpid: newMpid() }))
    await passWindow()
    await put(path, { ...given, enabled: true })
    await passWindow()
    await passFile()
    expect(eventNames(await linesIn(seeded.bucket))).toEqual(['before'])
    expectBalance(await status(s3Connection(seeded)))
  })

  it('to another kind of output brings there what profiles still had', async () => {
    const seeded = await seed({ sqs: false })
    await upload(seeded.key, batchOf(['meant for a bucket'], { mpid: newMpid() }))
    const { workspace } = JSON.parse(await (await admin('/workspace')).text())
    workspace.connections[0].output = 'queue'
    workspace.connections[0].settings = { queue_url: gate.queueUrl(seeded.queue) }
    expect((await put('/workspace', workspace)).status).toBe(200)
    await passWindow()
    await passFile()
    const [message] = await gate.messages(seeded.queue)
    expect(eventNames([JSON.parse(message?.body ?? '')])).toEqual(['meant for a bucket'])
    expectBalance(await status(s3Connection(seeded)))
  })

  it('to another kind of output is refused while something waits', async () => {
    const seeded = await seed({ sqs: false })
    await upload(seeded.key, batchOf(['waiting'], { mpid: newMpid() }))
    await passWindow()
    const { workspace } = JSON.parse(await (await admin('/workspace')).text())
    workspace.outputs = workspace.outputs.map((one: { id: string }) =>
      one.id === 'lake' ? { ...one, kind: 'sqs' } : one
    )
    workspace.connections[0].settings = { queue_url: gate.queueUrl(seeded.queue) }
    const answer = await put('/workspace', workspace)
    expect(answer.status).toBe(409)
    expect(await answer.text()).toContain('connection_not_empty')
  })
})
