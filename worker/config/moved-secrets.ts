import { isObject } from '../base/json'
import { type Problem, problem } from '../base/problem'
import { outputKinds } from '../outputs'
import { masked } from './secrets'
import type { Output, WorkspaceFile } from './workspace-file'

// Where an integration's secrets go. Those of AWS sign requests and are never sent.
const addresses = ['url', 'registration_url', 'events_url', 'audiences_url', 'lambda_arn']
const sent = ['token', 'oauth_client_secret']

const destination = ({ id, settings }: Output): string =>
  JSON.stringify([id, ...addresses.map((name) => settings[name] ?? '')])

const anew = (path: string): Problem =>
  problem('secret_needed', path, `${path} must be entered anew, since it goes elsewhere now.`)

const maskedValues = (settings: Record<string, unknown>, rows: string[]): string[] =>
  rows.flatMap((row) => {
    const values = settings[row]
    if (!isObject(values)) return []
    return Object.entries(values).flatMap(([id, one]) => (one === masked ? `${row}.${id}` : []))
  })

/**
 * The masks of a file that would have stored secrets sent to another address than the one they were
 * entered for: whoever may not read them could otherwise have them sent to himself.
 */
export const movedSecrets = (file: WorkspaceFile, stored: WorkspaceFile): Problem[] => {
  const known = new Set(stored.outputs.map(destination))
  const isMoved = (output: Output): boolean =>
    output.kind === 'firehose' && !known.has(destination(output))
  const ofOutputs = file.outputs.flatMap((output, i) =>
    isMoved(output)
      ? sent.flatMap((id) =>
          output.settings[id] === masked ? anew(`outputs.${i}.settings.${id}`) : []
        )
      : []
  )
  const ofConnections = file.connections.flatMap((connection, i) => {
    const output = file.outputs.find(({ id }) => id === connection.output)
    const before = stored.connections.find(({ id }) => id === connection.id)
    if (output?.kind !== 'firehose') return []
    if (before?.output === output.id && !isMoved(output)) return []
    const { connection: rows, triggers } = outputKinds.firehose
    const values = Object.entries({ ...rows, ...triggers })
    const names = values.flatMap(([name, { type }]) => (type === 'values' ? name : []))
    return maskedValues(connection.settings, names).map((path) =>
      anew(`connections.${i}.settings.${path}`)
    )
  })
  return [...ofOutputs, ...ofConnections]
}
