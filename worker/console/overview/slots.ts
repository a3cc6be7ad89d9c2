import type { Connection } from '../../config/workspace-file'

/** Where a connection leads from: an input, or one of the audiences. */
export interface Source {
  kind: 'input' | 'audience'
  id: string
}

export interface FlowPlan {
  /** In the order of their rows. */
  connections: Connection[]
  /** A source or nothing per row. */
  sources: (Source | undefined)[]
  outputs: (string | undefined)[]
  /** From the row of a source to that of a connection. */
  into: [number, number][]
  /** From the row of a connection to that of an output. */
  outOf: [number, number][]
  rows: number
}

const nameOf = ({ kind, id }: Source): string => `${kind} ${id}`

const sourcesOf = ({ input, audiences = [] }: Connection): Source[] =>
  input === undefined
    ? audiences.map((id): Source => ({ kind: 'audience', id }))
    : [{ kind: 'input', id: input }]

const mean = (values: number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

interface Placed {
  name: string
  /** The mean of the rows that it is connected to; Infinity when there are none. */
  wantedRow: number
  row: number
}

// Conflicts push names down only; moving all of them up by the mean shift shortens the lines again.
const shiftOf = (placed: Placed[]): number => {
  const down = placed
    .filter(({ wantedRow }) => Number.isFinite(wantedRow))
    .map(({ wantedRow, row }) => row - wantedRow)
  const most = placed[0]?.row ?? 0
  return down.length === 0 ? 0 : Math.max(0, Math.min(most, Math.round(mean(down))))
}

/** Gives each name a row, as near as possible to the rows that it is connected to. */
const place = (rowsByName: Map<string, number[]>): string[] => {
  const placed: Placed[] = []
  const wanted = [...rowsByName]
    .map(([name, rows]) => ({ name, wantedRow: rows.length === 0 ? Infinity : mean(rows) }))
    .sort((a, b) => a.wantedRow - b.wantedRow)
  for (const { name, wantedRow } of wanted) {
    const next = (placed.at(-1)?.row ?? -1) + 1
    const row = Number.isFinite(wantedRow) ? Math.max(next, Math.floor(wantedRow)) : next
    placed.push({ name, wantedRow, row })
  }
  const shift = shiftOf(placed)
  const rows: string[] = []
  for (const { name, row } of placed) rows[row - shift] = name
  return Array.from(rows, (name) => name ?? '')
}

const group = (pairs: [string, number][], all: string[]): Map<string, number[]> => {
  const rows = new Map<string, number[]>(all.map((name) => [name, []]))
  for (const [name, row] of pairs) rows.set(name, [...(rows.get(name) ?? []), row])
  return rows
}

interface Flow {
  inputs: { id: string }[]
  outputs: { id: string }[]
  connections: Connection[]
}

/** Places everything in rows so that lines are short and rarely cross. */
export const planFlow = ({ inputs, outputs, connections: unsorted }: Flow): FlowPlan => {
  const order = new Map(inputs.map(({ id }, i) => [id, i]))
  const rank = ({ input }: Connection): number => order.get(input ?? '') ?? inputs.length
  const connections = [...unsorted].sort((a, b) => rank(a) - rank(b))
  const sources = new Map<string, Source>()
  for (const { id } of inputs) sources.set(nameOf({ kind: 'input', id }), { kind: 'input', id })
  for (const source of connections.flatMap(sourcesOf)) sources.set(nameOf(source), source)
  const into = connections.flatMap((connection, row) =>
    sourcesOf(connection).map((source): [string, number] => [nameOf(source), row])
  )
  const outOf = connections.map((connection, row): [string, number] => [connection.output, row])
  const left = place(group(into, [...sources.keys()]))
  const right = place(
    group(
      outOf,
      outputs.map(({ id }) => id)
    )
  )
  return {
    connections,
    sources: left.map((name) => sources.get(name)),
    outputs: right.map((id) => (id === '' ? undefined : id)),
    into: into.map(([name, row]) => [left.indexOf(name), row]),
    outOf: outOf.map(([id, row]) => [row, right.indexOf(id)]),
    rows: Math.max(left.length, right.length, connections.length),
  }
}
