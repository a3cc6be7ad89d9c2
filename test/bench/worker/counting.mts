import type { DurableObject } from 'cloudflare:workers'
import type { Bindings } from '../../../worker/config/deployment'
import type { Count } from '../count'

export const counts: Record<string, Count> = {}
/** The most delivery text that one outbox held at a time, characters. */
export const held = { most: 0, mostInCalls: 0, mostFromRows: 0 }

const countOf = (name: string): Count => {
  counts[name] ??= { requests: {}, rowsWritten: {}, rowsRead: {} }
  return counts[name]
}

const add = (record: Record<string, number>, name: string, count: number): void => {
  if (count > 0) record[name] = (record[name] ?? 0) + count
}

interface Watched {
  name: string
  /** Text of deliveries by the row it was read from, until the row goes. */
  rows: Map<number, number>
  inCalls: number
}

const watched = new WeakMap<object, Watched>()

const noteHeld = ({ rows, inCalls }: Watched): void => {
  const fromRows = [...rows.values()].reduce((sum, chars) => sum + chars, 0)
  held.mostFromRows = Math.max(held.mostFromRows, fromRows)
  held.mostInCalls = Math.max(held.mostInCalls, inCalls)
  held.most = Math.max(held.most, fromRows + inCalls)
}

const kindOf = (statement: string): string =>
  statement
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/ (VALUES|SELECT|WHERE|RETURNING) .*/, '')
    .slice(0, 60)

type Cursor = SqlStorageCursor<Record<string, SqlStorageValue>>
type Exec = (this: SqlStorage, statement: string, ...bindings: SqlStorageValue[]) => Cursor
type Alarm = (this: DurableObjectStorage, ...given: unknown[]) => Promise<void>

const noteRows = (one: Watched, rows: Record<string, SqlStorageValue>[]): void => {
  for (const { seq, body } of rows) {
    if (typeof body !== 'string') continue
    // `bodies` does not select the number of its row; then the text is counted as it was planned.
    if (typeof seq === 'number') one.rows.set(seq, body.length)
  }
  noteHeld(one)
}

// Looks at the bodies as the outbox takes them from the cursor.
const watchBodies = (one: Watched, cursor: Cursor): void => {
  const iterate = cursor[Symbol.iterator].bind(cursor)
  const toArray = cursor.toArray.bind(cursor)
  Object.defineProperty(cursor, Symbol.iterator, {
    value: function* () {
      for (const row of { [Symbol.iterator]: iterate }) {
        noteRows(one, [row])
        yield row
      }
    },
  })
  Object.defineProperty(cursor, 'toArray', {
    value: () => {
      const rows = toArray()
      noteRows(one, rows)
      return rows
    },
  })
}

let isPatched = false

const patch = (storage: DurableObjectStorage): void => {
  if (isPatched) return
  isPatched = true
  const sqlPrototype = Object.getPrototypeOf(storage.sql)
  const exec: Exec = sqlPrototype.exec
  sqlPrototype.exec = function (this: SqlStorage, ...given: Parameters<Exec>): Cursor {
    const cursor = exec.apply(this, given)
    const one = watched.get(this)
    if (one) count(one, given, cursor)
    return cursor
  }
  const storagePrototype = Object.getPrototypeOf(storage)
  for (const method of ['setAlarm', 'deleteAlarm']) {
    const plain: Alarm = storagePrototype[method]
    storagePrototype[method] = function (this: DurableObjectStorage, ...given: unknown[]) {
      const one = watched.get(this)
      if (one) add(countOf(one.name).rowsWritten, method, 1)
      return plain.apply(this, given)
    }
  }
}

const count = (one: Watched, [statement, ...bindings]: Parameters<Exec>, cursor: Cursor): void => {
  const { rowsWritten, rowsRead } = countOf(one.name)
  if (/^SELECT.*\bbody\b.*FROM segments/s.test(statement)) watchBodies(one, cursor)
  if (/^DELETE FROM segments/.test(statement)) one.rows.delete(Number(bindings[0]))
  // Whoever asked takes the rows at once; only then does the cursor know what it cost.
  queueMicrotask(() => {
    add(rowsWritten, kindOf(statement), cursor.rowsWritten)
    add(rowsRead, kindOf(statement), cursor.rowsRead)
  })
}

const textOf = (given: unknown[]): number => {
  const handOff = given[1] as { deliveries?: { text: string }[] } | undefined
  return handOff?.deliveries?.reduce((sum, one) => sum + one.text.length, 0) ?? 0
}

type Method = (this: object, ...given: unknown[]) => unknown
type Class = new (ctx: DurableObjectState, env: Bindings) => DurableObject<Bindings>

/** The same class, with its calls from outside, its alarms and its rows counted. */
export const counted = <C extends Class>(Base: C, name: string): C => {
  // @ts-expect-error A mixin's constructor would have to take `any`.
  const Counted = class extends Base {
    constructor(ctx: DurableObjectState, env: Bindings) {
      patch(ctx.storage)
      const one: Watched = { name, rows: new Map(), inCalls: 0 }
      watched.set(ctx.storage.sql, one)
      watched.set(ctx.storage, one)
      super(ctx, env)
    }
  }
  for (const method of Object.getOwnPropertyNames(Base.prototype)) {
    const plain: unknown = Object.getOwnPropertyDescriptor(Base.prototype, method)?.value
    if (method === 'constructor' || typeof plain !== 'function') continue
    Object.defineProperty(Counted.prototype, method, {
      value: called(name, method, plain as Method),
    })
  }
  return Counted
}

const called = (name: string, method: string, plain: Method): Method =>
  function (this: object, ...given: unknown[]): unknown {
    add(countOf(name).requests, method, 1)
    const one = watched.get((this as unknown as { ctx: DurableObjectState }).ctx.storage)
    if (!one || (method !== 'enqueue' && method !== 'alarm')) return plain.apply(this, given)
    const chars = method === 'enqueue' ? textOf(given) : 0
    one.inCalls += chars
    noteHeld(one)
    return Promise.resolve(plain.apply(this, given)).finally(() => {
      one.inCalls -= chars
      if (method === 'alarm') one.rows.clear()
    })
  }
