import { Hono } from 'hono'
import { problem, RequestError } from '../../base/problem'
import { type Change, compareWorkspaces } from '../../config/changes'
import { type Bindings, configKeys, objectsOf } from '../../config/deployment'
import type { ConfigKeys } from '../../config/seal'
import { maskSecrets, resealSecrets, secretsByKey } from '../../config/secrets'
import { readStored } from '../../config/snapshot'
import type { KeptVersion } from '../../config/workspace'
import { emptyWorkspace, type WorkspaceFile } from '../../config/workspace-file'
import type { Diff, Version, VersionedWorkspace, Versions } from '../answers/workspace'
import { type AdminEnv, notFound } from '../request'
import { saveOptions, saveWorkspace } from './save'

const workspaceOf = (env: Bindings) => objectsOf(env).WORKSPACE.getByName('workspace')

const findVersion = async (env: Bindings, name: string): Promise<KeptVersion> => {
  const version = /^[1-9]\d{0,14}$/.test(name) ? Number(name) : 0
  const stored = await workspaceOf(env).kept(version)
  if (!stored) throw notFound('versions', name)
  return stored
}

// Sealed under the same key, equal secrets compare as equal.
const readFile = ({ file }: KeptVersion, keys: ConfigKeys): Promise<WorkspaceFile> =>
  resealSecrets(JSON.parse(file), keys)

/** What a version changed. Undefined when the version before it is no longer stored. */
const changesOf = async (
  { of, before }: { of: KeptVersion; before: KeptVersion | undefined },
  keys: ConfigKeys
): Promise<Change[] | undefined> => {
  if (before?.version !== of.version - 1 && of.version > 1) return undefined
  const earlier = before ? await readFile(before, keys) : emptyWorkspace()
  return compareWorkspaces(earlier, await readFile(of, keys))
}

export const versionRoutes = new Hono<AdminEnv>()

/** Newest first; `changes` is how many values differ from the version before. */
versionRoutes.get('/versions', async ({ env, req, json }) => {
  const limit = Math.min(Math.max(Math.trunc(Number(req.query('limit'))) || 20, 1), 50)
  const before = Number(req.query('before')) || Number.MAX_SAFE_INTEGER
  const keys = configKeys(env)
  const read = await workspaceOf(env).history(limit + 1, before)
  const versions = await Promise.all(
    read.map(async (of, i) => {
      const { version, at_ms, by, note } = of
      const changes = await changesOf({ of, before: read[i + 1] }, keys)
      return { version, at_ms, by, note, changes: changes?.length ?? null }
    })
  )
  // The last one was read only to compare the one after it with, unless it is the oldest of all.
  const oldest = read.at(-1)
  const isEnd = !oldest || (await workspaceOf(env).history(1, oldest.version)).length === 0
  return json<Versions>({ versions: isEnd ? versions.slice(0, limit) : versions.slice(0, -1) })
})

versionRoutes.get('/versions/:version', async ({ env, req, json }) => {
  const { version, at_ms, by, note, file } = await findVersion(env, req.param('version'))
  const workspace = await maskSecrets(JSON.parse(file))
  return json<Version>({ version, at_ms, by, note, workspace })
})

/** Against the version before. */
versionRoutes.get('/versions/:version/diff', async ({ env, req, json }) => {
  const of = await findVersion(env, req.param('version'))
  const [before] = await workspaceOf(env).history(1, of.version)
  const changes = await changesOf({ of, before }, configKeys(env))
  if (!changes) throw notFound('versions', String(of.version - 1))
  return json<Diff>({ version: of.version, changes })
})

const refuseLost = async (file: WorkspaceFile, keys: ConfigKeys): Promise<void> => {
  const { lost } = await secretsByKey(file, keys)
  if (lost.length === 0) return
  throw new RequestError(
    422,
    lost.map((place) => {
      const message = `${place} was sealed under a CONFIG_KEY that the deployment no longer has. Set it as CONFIG_KEY_PREVIOUS, or enter that secret again.`
      return problem('sealed_under_lost_key', place, message)
    })
  )
}

/** Saves a version again, as the newest one, with the secrets that it had. */
versionRoutes.post('/versions/:version/restore', async (context) => {
  const { env, req, json } = context
  const options = saveOptions(context)
  const version = await findVersion(env, req.param('version'))
  const keys = configKeys(env)
  const file = await readFile(version, keys)
  await refuseLost(file, keys)
  const note = options.note === '' ? `restored version ${version.version}` : options.note
  const saved = await saveWorkspace(env, await readStored(env), file, { ...options, note })
  return json<VersionedWorkspace>({
    version: saved.version,
    workspace: await maskSecrets(saved.file),
  })
})
