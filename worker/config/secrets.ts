import { outputKinds } from '../outputs'
import { secretIds } from '../settings'
import { isSealed, seal, unseal } from './seal'
import type { Output, WorkspaceFile } from './workspace-file'

/** What an answer shows instead of a secret. Sending it back keeps the stored secret. */
export const masked = '********'

type Change = (secret: string, place: string) => string | undefined | Promise<string | undefined>

// Walks every secret of a workspace; a change to undefined removes it.
const mapSecrets = async (file: WorkspaceFile, change: Change): Promise<WorkspaceFile> => ({
  ...file,
  inputs: await Promise.all(
    file.inputs.map(async ({ secret, ...input }) => {
      const next = secret && (await change(secret, `inputs.${input.id}.secret`))
      return next ? { ...input, secret: next } : input
    })
  ),
  outputs: await Promise.all(file.outputs.map((output) => mapOutput(output, change))),
})

const mapOutput = async (output: Output, change: Change): Promise<Output> => {
  const settings = { ...output.settings }
  for (const id of secretIds(outputKinds[output.kind].configuration)) {
    const secret = settings[id]
    if (typeof secret !== 'string' || secret === '') continue
    const next = await change(secret, `outputs.${output.id}.${id}`)
    if (next) settings[id] = next
    else delete settings[id]
  }
  return { ...output, settings }
}

export const maskSecrets = (file: WorkspaceFile): Promise<WorkspaceFile> =>
  mapSecrets(file, () => masked)

/** Puts stored (sealed) secrets where the caller sent the mask back; a mask without one goes. */
export const keepSecrets = async (
  file: WorkspaceFile,
  stored: WorkspaceFile
): Promise<WorkspaceFile> => {
  const known = new Map<string, string>()
  await mapSecrets(stored, (secret, place) => {
    known.set(place, secret)
    return secret
  })
  return mapSecrets(file, (secret, place) => (secret === masked ? known.get(place) : secret))
}

export const sealSecrets = (file: WorkspaceFile, configKey: string): Promise<WorkspaceFile> =>
  mapSecrets(file, (secret, place) => (isSealed(secret) ? secret : seal(secret, place, configKey)))

/** An output's settings in clear, for the moment of use. */
export const openSettings = async (
  output: Output,
  configKey: string
): Promise<Record<string, unknown>> => {
  const opened = await mapOutput(output, (secret, place) =>
    isSealed(secret) ? unseal(secret, place, configKey) : secret
  )
  return opened.settings
}
