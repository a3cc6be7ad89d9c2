import { Hono } from 'hono'
import { type Bindings, objectsOf } from '../../config/deployment'
import { readStored } from '../../config/snapshot'
import { exposition, expositionType } from '../../metrics/exposition'
import { directoryShards } from '../../partitions/directory/shards'
import { connectionStatus } from '../connections/status'
import type { AdminEnv } from '../request'
import { type Measured, metricList } from './list'

interface Population {
  profiles: number
  sizes: Record<string, number>
}

// Counting reads a row of each profile, and a scraper comes each minute.
const cacheMs = 300_000

let cached: { until_ms: number; version: number; population: Population } | undefined

const population = async (env: Bindings, version: number): Promise<Population> => {
  const now = Date.now()
  if (cached && cached.version === version && now < cached.until_ms) return cached.population
  const { DIRECTORY } = objectsOf(env)
  const shards = await Promise.all(
    directoryShards().map((shard) => DIRECTORY.getByName(shard).population())
  )
  const sum: Population = { profiles: 0, sizes: {} }
  for (const { profiles, sizes } of shards) {
    sum.profiles += profiles
    for (const [id, size] of Object.entries(sizes)) {
      sum.sizes[id] = (Object.hasOwn(sum.sizes, id) ? (sum.sizes[id] ?? 0) : 0) + size
    }
  }
  cached = { until_ms: now + cacheMs, version, population: sum }
  return sum
}

const fulfilled = async <T>(promises: Promise<T>[]): Promise<T[]> =>
  (await Promise.allSettled(promises)).flatMap((result) =>
    result.status === 'fulfilled' ? [result.value] : []
  )

const measure = async (env: Bindings): Promise<Measured> => {
  const { version, file } = await readStored(env)
  const { RATE_LIMIT, WORKSPACE } = objectsOf(env)
  const [connections, inputs, rejected, counts] = await Promise.all([
    fulfilled(file.connections.map((connection) => connectionStatus(env, connection))),
    fulfilled(
      file.inputs.map(async ({ id }) => ({
        id,
        counts: (await RATE_LIMIT.getByName(id).status()).tally?.total ?? {},
      }))
    ),
    fulfilled([WORKSPACE.getByName('workspace').rejected(1)]),
    fulfilled([population(env, version)]),
  ])
  const sizes = counts[0]?.sizes
  return {
    now: Date.now(),
    version,
    connections,
    inputs,
    rejected: rejected[0]?.count,
    profiles: counts[0]?.profiles,
    audiences: file.audiences.flatMap(({ id }) =>
      sizes ? [{ id, size: Object.hasOwn(sizes, id) ? (sizes[id] ?? 0) : 0 }] : []
    ),
    unanswered:
      file.connections.length -
      connections.length +
      (file.inputs.length - inputs.length) +
      (1 - rejected.length) +
      (1 - counts.length),
  }
}

export const metricsRoutes = new Hono<AdminEnv>()

/** For Prometheus. Profiles and audience sizes may be five minutes old. */
metricsRoutes.get('/metrics', async ({ env, body }) =>
  body(exposition(metricList(await measure(env))), 200, { 'content-type': expositionType })
)
