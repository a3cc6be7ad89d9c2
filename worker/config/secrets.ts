import type { Alert } from '../alerts/alert'
import { isObject } from '../base/json'
import type { Firehose } from '../dialects/firehose/settings'
import type { AccessKey } from '../dialects/mobile-analytics/settings'
import { outputKinds } from '../outputs'
import { secretIds } from '../settings'
import type { Input } from './input'
import {
  type ConfigKeys,
  isSealed,
  reseal,
  type SealedUnder,
  seal,
  sealedUnder,
  unseal,
} from './seal'
import type { Connection, Output, WorkspaceFile } from './workspace-file'

/** Stands for a secret in responses. Sending it back keeps the stored secret. */
export const masked = '********'

type Change = (secret: string, place: string) => string | undefined | Promise<string | undefined>

// Calls `change` for every secret of a workspace. Returning undefined removes the secret.
const mapSecrets = async (file: WorkspaceFile, change: Change): Promise<WorkspaceFile> => ({
  ...file,
  inputs: await Promise.all(file.inputs.map((input) => mapInput(input, change))),
  outputs: await Promise.all(file.outputs.map((output) => mapOutput(output, change))),
  connections: await Promise.all(
    file.connections.map((connection) => {
      const output = file.outputs.find(({ id }) => id === connection.output)
      return output ? mapConnection(connection, output, change) : connection
    })
  ),
  // Earlier versions of the file had none.
  alerts: await Promise.all((file.alerts ?? []).map((alert) => mapAlert(alert, change))),
})

const mapAlert = async ({ secret, ...rest }: Alert, change: Change): Promise<Alert> => {
  const next = secret && (await change(secret, alertSecretPlace(rest)))
  return next ? { ...rest, secret: next } : rest
}

const alertSecretPlace = ({ id }: Pick<Alert, 'id'>): string => `alerts.${id}.secret`

const mapInput = async (input: Input, change: Change): Promise<Input> => {
  const { secret, mobile_analytics: app, firehose, ...rest } = input
  const next = secret && (await change(secret, inputSecretPlace(input)))
  const access_keys = await Promise.all(
    (app?.access_keys ?? []).map(async (key): Promise<AccessKey> => {
      const { secret_access_key: accessSecret, ...others } = key
      const changed = accessSecret && (await change(accessSecret, accessKeyPlace(input, key)))
      return changed ? { ...others, secret_access_key: changed } : others
    })
  )
  return {
    ...rest,
    ...(next ? { secret: next } : {}),
    ...(app ? { mobile_analytics: { ...app, access_keys } } : {}),
    ...(firehose ? { firehose: await mapFirehose(input, firehose, change) } : {}),
  }
}

const mapFirehose = async (
  input: Input,
  { token, ...rest }: Firehose,
  change: Change
): Promise<Firehose> => {
  const next = token && (await change(token, firehoseTokenPlace(input)))
  return next ? { ...rest, token: next } : rest
}

const firehoseTokenPlace = ({ id }: Input): string => `inputs.${id}.firehose.token`

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

const connectionPlace = ({ id }: Pick<Connection, 'id'>, path: string[]): string =>
  `connections.${id}.${path.join('.')}`

// Among the settings that an integration registered, those that are confidential, or were.
const mapConnection = async <C extends Pick<Connection, 'id' | 'settings'>>(
  connection: C,
  output: Output,
  change: Change
): Promise<C> => {
  const paths = outputKinds[output.kind].integration?.secretPaths(output) ?? []
  const settings = { ...connection.settings }
  for (const name of valueRows(output)) {
    const stored = settings[name]
    if (!isObject(stored)) continue
    const values: Record<string, unknown> = { ...stored }
    for (const [id, value] of Object.entries(stored)) {
      const isSecret = paths.some(([row, setting]) => row === name && setting === id)
      if (typeof value !== 'string' || value === '' || !(isSecret || isHidden(value))) continue
      const next = await change(value, connectionPlace(connection, [name, id]))
      if (next === undefined) delete values[id]
      else values[id] = next
    }
    settings[name] = values
  }
  return { ...connection, settings }
}

// The value of a setting that was confidential before, or a mask that was sent back.
const isHidden = (value: string): boolean => isSealed(value) || value === masked

const valueRows = ({ kind }: Output): string[] => {
  const { connection, triggers } = outputKinds[kind]
  return Object.entries({ ...connection, ...triggers }).flatMap(([name, { type }]) =>
    type === 'values' ? [name] : []
  )
}

export const maskSecrets = (file: WorkspaceFile): Promise<WorkspaceFile> =>
  mapSecrets(file, () => masked)

/**
 * Replaces masks that the caller sent back by the stored, sealed secrets; other masks are removed.
 */
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

/** Seals all secrets with the current key, except those that no key opens. */
export const resealSecrets = (file: WorkspaceFile, keys: ConfigKeys): Promise<WorkspaceFile> =>
  mapSecrets(file, (secret, place) => (isSealed(secret) ? reseal(secret, place, keys) : secret))

/** The places of all sealed secrets of a workspace, by the key that opens them. */
export const secretsByKey = async (
  file: WorkspaceFile,
  keys: ConfigKeys
): Promise<Record<SealedUnder, string[]>> => {
  const places: Record<SealedUnder, string[]> = { current: [], previous: [], lost: [] }
  await mapSecrets(file, async (secret, place) => {
    if (isSealed(secret)) places[await sealedUnder(secret, keys)].push(place)
    return secret
  })
  return places
}

/** An output's settings with secrets in clear. Do not store them. */
export const openSettings = async (
  output: Output,
  keys: ConfigKeys
): Promise<Record<string, unknown>> => {
  const opened = await mapOutput(output, (secret, place) =>
    isSealed(secret) ? unseal(secret, place, keys) : secret
  )
  return opened.settings
}

/** A connection's settings with secrets in clear. Do not store them. */
export const openConnectionSettings = async (
  connection: Pick<Connection, 'id' | 'settings'>,
  output: Output,
  keys: ConfigKeys
): Promise<Record<string, unknown>> => {
  const opened = await mapConnection(connection, output, (secret, place) =>
    isSealed(secret) ? unseal(secret, place, keys) : secret
  )
  return opened.settings
}

const mostCached = 1000
const opened = new Map<string, Promise<string>>()

// Every upload needs the secrets of its input, and opening one takes six calls of Web Crypto.
const openOnce = (sealed: string, place: string, keys: ConfigKeys): Promise<string> => {
  const cached = opened.get(`${place} ${sealed}`)
  if (cached) return cached
  if (opened.size >= mostCached) opened.clear()
  const opening = isSealed(sealed) ? unseal(sealed, place, keys) : Promise.resolve(sealed)
  opened.set(`${place} ${sealed}`, opening)
  return opening
}

/** The secret of an input in clear; undefined when it has none. Cached in memory. */
export const openInputSecret = (input: Input, keys: ConfigKeys): Promise<string> | undefined =>
  input.secret === undefined ? undefined : openOnce(input.secret, inputSecretPlace(input), keys)

/** The secret of an input's access key in clear; undefined when it has none. Cached in memory. */
export const openAccessKey = (
  input: Input,
  key: AccessKey,
  keys: ConfigKeys
): Promise<string> | undefined =>
  key.secret_access_key === undefined
    ? undefined
    : openOnce(key.secret_access_key, accessKeyPlace(input, key), keys)

/** The token of a Firehose input in clear; undefined when it has none. Cached in memory. */
export const openFirehoseToken = (input: Input, keys: ConfigKeys): Promise<string> | undefined =>
  input.firehose?.token === undefined
    ? undefined
    : openOnce(input.firehose.token, firehoseTokenPlace(input), keys)

/**
 * The key that signs an alert's messages, in clear; undefined when it has none. Cached in memory.
 */
export const openAlertSecret = (alert: Alert, keys: ConfigKeys): Promise<string> | undefined =>
  alert.secret === undefined ? undefined : openOnce(alert.secret, alertSecretPlace(alert), keys)
