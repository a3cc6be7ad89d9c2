import { isObject } from '../base/json'
import { type Problem, problem } from '../base/problem'
import { isIntegration, outputKinds } from '../outputs'
import { masked } from './secrets'
import type { Output, WorkspaceFile } from './workspace-file'

// Where an integration's secrets are sent; undefined for other outputs, which send none.
const destination = ({ id, kind, settings }: Output): string | undefined => {
  const { integration } = outputKinds[kind]
  return (
    integration &&
    JSON.stringify([id, ...integration.addresses.map((name) => settings[name] ?? '')])
  )
}

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
 * entered for: otherwise an admin, who cannot read secrets, could have them sent to an own address.
 */
export const movedSecrets = (file: WorkspaceFile, stored: WorkspaceFile): Problem[] => {
  const known = new Set(stored.outputs.map(destination))
  const isMoved = (output: Output): boolean =>
    isIntegration(output) && !known.has(destination(output))
  const ofOutputs = file.outputs.flatMap((output, i) =>
    isMoved(output)
      ? (outputKinds[output.kind].integration?.sentSecrets ?? []).flatMap((id) =>
          output.settings[id] === masked ? anew(`outputs.${i}.settings.${id}`) : []
        )
      : []
  )
  const ofConnections = file.connections.flatMap((connection, i) => {
    const output = file.outputs.find(({ id }) => id === connection.output)
    const before = stored.connections.find(({ id }) => id === connection.id)
    if (!output || !isIntegration(output)) return []
    if (before?.output === output.id && !isMoved(output)) return []
    const { connection: rows, triggers } = outputKinds[output.kind]
    const values = Object.entries({ ...rows, ...triggers })
    const names = values.flatMap(([name, { type }]) => (type === 'values' ? name : []))
    return maskedValues(connection.settings, names).map((path) =>
      anew(`connections.${i}.settings.${path}`)
    )
  })
  return [...ofOutputs, ...ofConnections]
}
