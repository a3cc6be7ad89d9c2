import { Hono } from 'hono'
import type { Audience } from '../../audiences/rule'
import { parseJson } from '../../base/json'
import { type Bindings, objectsOf } from '../../config/deployment'
import { readStored } from '../../config/snapshot'
import type { WorkspaceFile } from '../../config/workspace-file'
import { directoryShards } from '../../partitions/directory/shards'
import type { ProfileState } from '../../profiles/attributes'
import { previewDescribed, previewKnown } from '../../profiles/preview'
import type { AudienceStatus, Preview } from '../answers/audiences'
import { type AdminEnv, notFound, readJson } from '../request'
import { wholeWalk } from '../workspace/audience-walk'
import { type PreviewRequest, readPreview } from './preview'

const listedChanges = 20
const mostListed = 100

// Earlier versions of the file had no rules.
const audiencesOf = (file: WorkspaceFile): Audience[] =>
  file.audiences.filter(({ rule }) => rule !== undefined)

const statusOf = async (
  env: Bindings,
  id: string,
  { version, limit }: { version: number; limit: number }
): Promise<AudienceStatus> => {
  const walk = await wholeWalk(env, version)
  const shards = await Promise.all(
    directoryShards().map((shard) => objectsOf(env).DIRECTORY.getByName(shard).audience(id, limit))
  )
  const changes = shards.flatMap((shard) => shard.changes).sort((a, b) => b.at_ms - a.at_ms)
  return {
    id,
    size: shards.reduce((sum, shard) => sum + shard.size, 0),
    changes: changes.slice(0, limit),
    walk,
  }
}

const previewFor = async (
  env: Bindings,
  saved: Audience[],
  { rule, of, now }: PreviewRequest
): Promise<Preview> => {
  const previewing = { saved, rule, now }
  if ('profile' in of) return previewDescribed(previewing, of.profile)
  const state = await objectsOf(env).PROFILE.getByName(of.mpid).state()
  if (state === undefined) throw notFound('profiles', of.mpid)
  // `state()` returns a ProfileState as JSON; parseJson keeps exact numbers in the attributes.
  return previewKnown(previewing, parseJson(state) as unknown as ProfileState)
}

/** Routes of audiences beside those of all collections. */
export const audienceRoutes = new Hono<AdminEnv>()

audienceRoutes.get('/audiences/:id/status', async ({ env, req, json }) => {
  const id = req.param('id')
  const { version, file } = await readStored(env)
  if (!file.audiences.some((audience) => audience.id === id)) throw notFound('audiences', id)
  const requested = Math.trunc(Number(req.query('limit')))
  const limit = requested > 0 ? Math.min(requested, mostListed) : listedChanges
  return json(await statusOf(env, id, { version, limit }))
})

audienceRoutes.post('/audiences/preview', async (context) => {
  const saved = audiencesOf((await readStored(context.env)).file)
  const request = readPreview(await readJson(context), { saved, now: Date.now() })
  return context.json(await previewFor(context.env, saved, request))
})
