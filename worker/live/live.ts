import { DurableObject } from 'cloudflare:workers'
import { isObject, type Json } from '../base/json'
import { type Bindings, objectsOf } from '../config/deployment'
import { isWanted, type LiveFilter } from '../config/watched'
import type { LiveSample } from '../dialects/sample'

// A page repeats its message every ten seconds; one that stays silent is no longer shown events.
const leaseMs = 25_000
const renewAfterMs = 5_000
const maxPerSecond = 100
const maxWatchers = 20
// Then the page must connect again, for which it has to be signed in.
const maxConnectionMs = 3_600_000

/** The attachment of a WebSocket, which survives hibernation. */
interface Watcher {
  filter: LiveFilter
  opened_ms: number
  /** When its last message came. */
  seen_ms: number
}

const text = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, 256) : undefined

/**
 * Reads a message of a page: `{"watch": {"input", "type", "mpid"}}`; undefined for anything else.
 */
const readWatch = (message: string | ArrayBuffer): LiveFilter | undefined => {
  if (typeof message !== 'string' || message.length > 2048) return undefined
  try {
    const body: unknown = JSON.parse(message)
    if (!isObject(body) || !isObject(body.watch)) return undefined
    const [input, type, mpid] = [body.watch.input, body.watch.type, body.watch.mpid].map(text)
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
 * Shows incoming events to pages of the console. Nothing is stored: filters are attached to the
 * WebSockets. The filters in use are published in the workspace, which all isolates read anyway,
 * for 25 seconds at a time, so that isolates send samples only while a page watches.
 */
export class Live extends DurableObject<Bindings> {
  #published = { ms: 0, text: '' }
  #second = 0
  #shownInSecond = 0

  /** Opens a WebSocket to a page. The caller has authenticated it. */
  override async fetch(): Promise<Response> {
    if (this.ctx.getWebSockets().length >= maxWatchers) return new Response(null, { status: 503 })
    const { 0: client, 1: server } = new WebSocketPair()
    this.ctx.acceptWebSocket(server)
    const now = Date.now()
    server.serializeAttachment({ filter: {}, opened_ms: now, seen_ms: 0 } satisfies Watcher)
    return new Response(null, { status: 101, webSocket: client })
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    const filter = readWatch(message)
    const now = Date.now()
    const { opened_ms } = watcherOf(socket)
    if (!filter) return socket.close(1003, 'Not understood.')
    if (now - opened_ms > maxConnectionMs) return socket.close(4000, 'Open it again.')
    socket.serializeAttachment({ filter, opened_ms, seen_ms: now } satisfies Watcher)
    await this.#publish(now)
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    await this.#leave(socket)
  }

  override async webSocketError(socket: WebSocket): Promise<void> {
    await this.#leave(socket)
  }

  async #leave(socket: WebSocket): Promise<void> {
    socket.serializeAttachment({ filter: {}, opened_ms: 0, seen_ms: 0 } satisfies Watcher)
    await this.#publish(Date.now())
  }

  #watchers(now: number): { socket: WebSocket; filter: LiveFilter }[] {
    return this.ctx.getWebSockets().flatMap((socket) => {
      const { filter, seen_ms } = watcherOf(socket)
      const isActive = socket.readyState === WebSocket.OPEN && seen_ms + leaseMs > now
      return isActive ? [{ socket, filter }] : []
    })
  }

  async #publish(now: number): Promise<void> {
    const filters = this.#watchers(now).map(({ filter }) => filter)
    const text = JSON.stringify(filters)
    if (text === this.#published.text && now < this.#published.ms + renewAfterMs) return
    this.#published = { ms: now, text }
    const until_ms = filters.length === 0 ? 0 : now + leaseMs
    await objectsOf(this.env).WORKSPACE.getByName('workspace').watch({ until_ms, filters })
  }

  /**
   * Sends samples to the pages whose filters match.
   *
   * @param dropped how many the isolate dropped before, because there were too many
   * @returns whether any page watches
   */
  show(samples: LiveSample[], dropped: number): boolean {
    const now = Date.now()
    const watchers = this.#watchers(now)
    const shown = this.#throttle(samples, now)
    const allDropped = dropped + samples.length - shown.length
    for (const { socket, filter } of watchers) {
      const matching = shown.filter((sample) => isWanted(filter, sample))
      if (matching.length === 0 && allDropped === 0) continue
      socket.send(JSON.stringify({ samples: matching, dropped: allDropped }))
    }
    return watchers.length > 0
  }

  #throttle(samples: LiveSample[], now: number): LiveSample[] {
    const second = Math.floor(now / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#shownInSecond = 0
    }
    const shown = samples.slice(0, Math.max(0, maxPerSecond - this.#shownInSecond))
    this.#shownInSecond += shown.length
    return shown
  }
}

const watcherOf = (socket: WebSocket): Watcher =>
  // Each socket got its attachment when it was opened.
  socket.deserializeAttachment() as Watcher
