import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Workspace } from '../../../worker/config/workspace'
import { Live } from '../../../worker/live/live'
import { page, signIn } from '../../support/console'
import { admin, batchOf, moveClock, request, type Seeded, seed, upload } from '../../support/weir'

interface Shown {
  samples: { name: string; mpid: string; type: string; input: string; event: string }[]
  dropped: number
}

let cookie: string
let seeded: Seeded
const open: WebSocket[] = []

beforeEach(async () => {
  cookie = await signIn()
  seeded = await seed({ s3: false })
})

afterEach(async () => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  for (const socket of open.splice(0)) socket.close()
  await settled()
})

const connect = (headers: Record<string, string> = {}): Promise<Response> =>
  request('/console/live/stream', {
    headers: { upgrade: 'websocket', origin: 'https://weir.test', cookie, ...headers },
  })

// Isolates learn with the workspace who watches; reading it is what an upload does now and then.
const settled = async (): Promise<void> => {
  await admin('/inputs')
}

const watch = async (filter: Record<string, string> = {}) => {
  const { webSocket: socket } = await connect()
  if (!socket) throw new Error('There is no WebSocket.')
  const shown: Shown[] = []
  socket.accept()
  open.push(socket)
  socket.addEventListener('message', ({ data }) => {
    shown.push(JSON.parse(String(data)))
  })
  const ask = async (wanted: Record<string, string>): Promise<void> => {
    const told = vi.spyOn(Workspace.prototype, 'watch')
    socket.send(JSON.stringify({ watch: wanted }))
    await expect.poll(() => told.mock.calls.length).toBeGreaterThan(0)
    told.mockRestore()
    await settled()
  }
  await ask(filter)
  return {
    socket,
    ask,
    shown,
    names: () => shown.flatMap(({ samples }) => samples.map(({ name }) => name)),
  }
}

const close = async (socket: WebSocket): Promise<void> => {
  const told = vi.spyOn(Workspace.prototype, 'watch')
  socket.close()
  await expect.poll(() => told.mock.calls.length).toBeGreaterThan(0)
  told.mockRestore()
}

const send = async (names: string[], fields: Record<string, unknown> = {}): Promise<void> => {
  expect((await upload(seeded.key, batchOf(names, fields))).status).toBe(202)
}

describe('the page', () => {
  it('offers the inputs to filter by, and takes a filter from its address', async () => {
    const input = seeded.key.replace('key-', '')
    const text = await (await page(`/live?input=${input}&mpid=7&type=opt_out`, { cookie })).text()
    expect(text).toMatch(new RegExp(`<option value="${input}" selected`))
    expect(text).toContain('value="7"')
    expect(text).toContain('value="opt_out"')
    expect(text).toContain('/console/live.js')
    expect(text).toContain('<noscript>')
  })
})

describe('whoever watches', () => {
  it('sees events once they are stored, as they are stored', async () => {
    const { shown, names } = await watch()
    await send(['Hat seen', 'Hat bought'], { mpid: '7400000000000000001' })
    await expect.poll(names).toEqual(['Hat seen', 'Hat bought'])
    const [first] = shown[0]!.samples
    expect(first).toMatchObject({
      mpid: '7400000000000000001',
      type: 'custom_event',
      input: seeded.key.replace('key-', ''),
    })
    expect(JSON.parse(first!.event).data.event_name).toBe('Hat seen')
  })

  it('does not see what privacy forbids', async () => {
    seeded = await seed({ s3: false, input: { privacy: { drop: ['user_identities.email'] } } })
    const { shown, names } = await watch()
    await send(['a'], { user_identities: { email: 'ada@example.org', customer_id: 'c-1' } })
    await expect.poll(names).toEqual(['a'])
    expect(JSON.stringify(shown)).toContain('c-1')
    expect(JSON.stringify(shown)).not.toContain('ada@example.org')
  })

  it('sees a repeated upload once', async () => {
    const { names } = await watch()
    const source_request_id = crypto.randomUUID()
    await send(['once'], { source_request_id })
    await send(['once'], { source_request_id })
    await send(['last'])
    await expect.poll(names).toContain('last')
    expect(names()).toEqual(['once', 'last'])
  })

  it.each<[string, (input: string) => Record<string, string>]>([
    ['input', (input) => ({ input })],
    ['type', () => ({ type: 'custom_event' })],
    ['mpid', () => ({ mpid: '7400000000000000002' })],
  ])('sees only what is wanted, by %s', async (_, filter) => {
    const wanted = await watch(filter(seeded.key.replace('key-', '')))
    const other = await watch({ input: 'another', type: 'opt_out', mpid: '1' })
    await send(['wanted'], { mpid: '7400000000000000002' })
    await expect.poll(wanted.names).toEqual(['wanted'])
    expect(other.shown).toEqual([])
  })

  it('may want something else from now on', async () => {
    const { ask, names } = await watch({ mpid: '1' })
    await send(['before'])
    await ask({})
    await send(['after'])
    await expect.poll(names).toEqual(['after'])
  })

  it('is told how many events were left out of a flood', async () => {
    const { shown, names } = await watch()
    await send(Array.from({ length: 60 }, (_, i) => `event ${i}`))
    await expect.poll(() => shown.at(-1)?.dropped).toBeGreaterThanOrEqual(40)
    expect(names()).toHaveLength(20)
  })
})

describe('while nobody watches', () => {
  const shows = () => vi.spyOn(Live.prototype, 'show')

  // What was sampled goes some time later, together with what comes in next.
  const toldOf = async (show: ReturnType<typeof shows>): Promise<string[]> => {
    const { names } = await watch()
    await send(['control'])
    await expect.poll(names).toContain('control')
    return show.mock.calls.flatMap(([samples]) => samples.map(({ name }) => name))
  }

  it('nobody is asked or told anything', async () => {
    const [show, told] = [shows(), vi.spyOn(Workspace.prototype, 'watch')]
    await settled()
    for (let i = 0; i < 5; i++) await send([`event ${i}`])
    expect(told).not.toHaveBeenCalled()
    expect(await toldOf(show)).toEqual(['control'])
  })

  it('uploads are sent nowhere after the page was closed', async () => {
    const { socket, names } = await watch()
    await send(['seen'])
    await expect.poll(names).toEqual(['seen'])
    await close(socket)
    await settled()
    const show = shows()
    for (let i = 0; i < 5; i++) await send([`event ${i}`])
    expect(await toldOf(show)).toEqual(['control'])
  })

  it('an isolate that does not know it yet learns it by its first try', async () => {
    const { socket, names } = await watch()
    await send(['seen'])
    await expect.poll(names).toEqual(['seen'])
    await close(socket)
    const show = shows()
    await send(['first'])
    await expect.poll(() => show.mock.settledResults.length).toBe(1)
    for (let i = 0; i < 5; i++) await send([`event ${i}`])
    expect(await toldOf(show)).toEqual(['first', 'control'])
  })

  it('a page that went without a word is forgotten', async () => {
    await watch()
    moveClock(26_000)
    await settled()
    const show = shows()
    await send(['unseen'])
    expect(await toldOf(show)).toEqual(['control'])
  })

  it('nothing of it was ever stored', async () => {
    const { names } = await watch()
    await send(['seen'])
    await expect.poll(names).toEqual(['seen'])
    const live = env.LIVE.getByName('live')
    const stored = await runInDurableObject(live, async (_, { storage }) => ({
      tables: storage.sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table'").toArray(),
      keys: (await storage.list()).size,
      alarm: await storage.getAlarm(),
    }))
    expect(stored).toEqual({ tables: [], keys: 0, alarm: null })
  })
})

describe('the stream', () => {
  it.each([
    ['somebody who has not signed in', { cookie: '' }, 401],
    ['a page of another site', { origin: 'https://evil.example' }, 403],
    ['something that tells no origin', { origin: '' }, 403],
    ['what is no WebSocket', { upgrade: '' }, 426],
  ])('is not opened to %s', async (_, headers, status) => {
    expect((await connect(headers)).status).toBe(status)
  })

  it.each(['no JSON', '{"watch":3}', '[]', `{"watch":{"mpid":"${'9'.repeat(3000)}"}}`])(
    'is closed to who sends %s',
    async (message) => {
      const { webSocket: socket } = await connect()
      const closed = new Promise<number>((done) => {
        socket?.addEventListener('close', ({ code }) => done(code))
      })
      socket?.accept()
      socket?.send(message)
      expect(await closed).toBe(1003)
    }
  )

  it('is closed after an hour, to be opened anew by who is still signed in', async () => {
    const { socket } = await watch()
    const closed = new Promise<number>((done) => {
      socket.addEventListener('close', ({ code }) => done(code))
    })
    moveClock(3_601_000)
    socket.send('{"watch":{}}')
    expect(await closed).toBe(4000)
  })
})
