import { DurableObject } from 'cloudflare:workers'
import { isObject, type Json } from '../base/json'
import { type Bindings, objectsOf } from '../config/deployment'
import { isWanted, type LiveFilter } from '../config/watched'
import type { LiveSample } from '../dialects/sample'

// A page asks again every ten seconds; one that went without a word is forgotten.
const leaseMs = 25_000
const renewAfterMs = 5_000
const mostPerSecond = 100
const mostWatching = 20
// Then the page opens another one, and has to be signed in.
const longestMs = 3_600_000

/** What is kept of a page, also while the object sleeps. */
interface Watching {
  filter: LiveFilter
  opened_ms: number
  /** When it last said that it is there. */
  seen_ms: number
}

const text = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, 256) : undefined

/** What a page sends: `{"watch": {"input", "type", "mpid"}}`; undefined for anything else. */
const readWatch = (message: string | ArrayBuffer): LiveFilter | undefined => {
  if (typeof message !== 'string' || message.length > 2048) return undefined
  try {
    const given: unknown = JSON.parse(message)
    if (!isObject(given) || !isObject(given.watch)) return undefined
    const [input, type, mpid] = [given.watch.input, given.watch.type, given.watch.mpid].map(text)
    return {
      ...(input === undefined ? {} : { input }),
      ...(type === undefined ? {} : { type }),
      ...(mpid === undefined ? {} : { mpid }),
    }
  } catch {
    return undefined
  }
}

/**
 * Those who watch events come in. Nothing is stored: what is kept hangs on their WebSockets, and the
 * workspace, which all isolates read anyway, is told for 25 seconds at a time that somebody watches.
 */
export class Live extends DurableObject<Bindings> {
  #told = { ms: 0, text: '' }
  #second = 0
  #shown = 0

  /** Opens a WebSocket to a page. Who may watch has been checked. */
  override async fetch(): Promise<Response> {
    if (this.ctx.getWebSockets().length >= mostWatching) return new Response(null, { status: 503 })
    const { 0: client, 1: server } = new WebSocketPair()
    this.ctx.acceptWebSocket(server)
    const now = Date.now()
    server.serializeAttachment({ filter: {}, opened_ms: now, seen_ms: 0 } satisfies Watching)
    return new Response(null, { status: 101, webSocket: client })
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const filter = readWatch(message)
    const now = Date.now()
    const { opened_ms } = watchingOf(socket)
    if (!filter) return socket.close(1003, 'Not understood.')
    if (now - opened_ms > longestMs) return socket.close(4000, 'Open it again.')
    socket.serializeAttachment({ filter, opened_ms, seen_ms: now } satisfies Watching)
    await this.#tell(now)
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    await this.#leave(socket)
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    await this.#leave(socket)
  }

  async #leave(socket: WebSocket): Promise<void> {
    socket.serializeAttachment({ filter: {}, opened_ms: 0, seen_ms: 0 } satisfies Watching)
    await this.#tell(Date.now())
  }

  #watching(now: number): { socket: WebSocket; filter: LiveFilter }[] {
    return this.ctx.getWebSockets().flatMap((socket) => {
      const { filter, seen_ms } = watchingOf(socket)
      const isThere = socket.readyState === WebSocket.OPEN && seen_ms + leaseMs > now
      return isThere ? [{ socket, filter }] : []
    })
  }

  async #tell(now: number): Promise<void> {
    const filters = this.#watching(now).map(({ filter }) => filter)
    const told = JSON.stringify(filters)
    if (told === this.#told.text && now < this.#told.ms + renewAfterMs) return
    this.#told = { ms: now, text: told }
    const until_ms = filters.length === 0 ? 0 : now + leaseMs
    await objectsOf(this.env).WORKSPACE.getByName('workspace').watch({ until_ms, filters })
  }

  /**
   * Shows events to those who want them.
   *
   * @param dropped how many the sender left out, because they were too many
   * @returns whether anybody watches
   */
  show(samples: LiveSample[], dropped: number): boolean {
    const now = Date.now()
    const watching = this.#watching(now)
    const some = this.#some(samples, now)
    const left = dropped + samples.length - some.length
    for (const { socket, filter } of watching) {
      const wanted = some.filter((one) => isWanted(filter, one))
      if (wanted.length === 0 && left === 0) continue
      socket.send(JSON.stringify({ samples: wanted, dropped: left }))
    }
    return watching.length > 0
  }

  #some(samples: LiveSample[], now: number): LiveSample[] {
    const second = Math.floor(now / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#shown = 0
    }
    const some = samples.slice(0, Math.max(0, mostPerSecond - this.#shown))
    this.#shown += some.length
    return some
  }
}

const watchingOf = (socket: WebSocket): Watching =>
  // Each socket got one when it was opened.
  socket.deserializeAttachment() as Watching
