import { outputKinds } from '../outputs'
import { secretIds } from '../settings'
import type { AccessKey, Input } from './input'
import { isSealed, seal, unseal } from './seal'
import type { Output, WorkspaceFile } from './workspace-file'

/** What an answer shows instead of a secret. Sending it back keeps the stored secret. */
export const masked = '********'

type Change = (secret: string, place: string) => string | undefined | Promise<string | undefined>

// Walks every secret of a workspace; a change to undefined removes it.
const mapSecrets = async (file: WorkspaceFile, change: Change): Promise<WorkspaceFile> => ({
  ...file,
  inputs: await Promise.all(file.inputs.map((input) => mapInput(input, change))),
  outputs: await Promise.all(file.outputs.map((output) => mapOutput(output, change))),
})

const mapInput = async (input: Input, change: Change): Promise<Input> => {
  const { secret, mobile_analytics: app, ...rest } = input
  const next = secret && (await change(secret, inputSecretPlace(input)))
  const access_keys = await Promise.all(
    (app?.access_keys ?? []).map(async (key): Promise<AccessKey> => {
      const { secret_access_key: own, ...others } = key
      const changed = own && (await change(own, accessKeyPlace(input, key)))
      return changed ? { ...others, secret_access_key: changed } : others
    })
  )
  return {
    ...rest,
    ...(next ? { secret: next } : {}),
    ...(app ? { mobile_analytics: { ...app, access_keys } } : {}),
  }
}

const inputSecretPlace = ({ id }: Input): string => `inputs.${id}.secret`

const accessKeyPlace = ({ id }: Input, { access_key_id }: AccessKey): string =>
  `inputs.${id}.access_keys.${access_key_id}`

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

const keptOpened = 1000
const opened = new Map<string, Promise<string>>()

// Inputs compare with their secrets on each upload, and opening one takes six calls of Web Crypto.
const openOnce = (sealed: string, place: string, configKey: string): Promise<string> => {
  const known = opened.get(`${place} ${sealed}`)
  if (known) return known
  if (opened.size >= keptOpened) opened.clear()
  const opening = isSealed(sealed) ? unseal(sealed, place, configKey) : Promise.resolve(sealed)
  opened.set(`${place} ${sealed}`, opening)
  return opening
}

/** The secret of an input in clear; undefined when it has none. Kept in memory only. */
export const openInputSecret = (input: Input, configKey: string): Promise<string> | undefined =>
  input.secret === undefined
    ? undefined
    : openOnce(input.secret, inputSecretPlace(input), configKey)

/** The secret of an access key of an input, likewise. */
export const openAccessKey = (
  input: Input,
  key: AccessKey,
  configKey: string
): Promise<string> | undefined =>
  key.secret_access_key === undefined
    ? undefined
    : openOnce(key.secret_access_key, accessKeyPlace(input, key), configKey)
