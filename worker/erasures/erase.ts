import { type Bindings, objectsOf } from '../config/deployment'
import { readStored, type StoredWorkspace } from '../config/snapshot'
import { outboxesOf } from '../outbox/shards'
import type { ErasedDeliveries } from '../outbox/store/erasure'
import { directoryShard } from '../partitions/directory/directory'
import { unlink } from '../partitions/directory/link-shards'
import type { ErasedProfile } from '../partitions/store'
import { type Candidates, findCandidates, type Subject } from './candidates'
import { type Regulation, type RequestsMade, requestErasures } from './requests'

export type { Subject } from './candidates'

/** What was erased of one mpid; all zero and false when there was nothing. */
export interface Erased extends ErasedDeliveries {
  mpid: string
  profile: boolean
  /** Uploads that not all connections had. */
  uploads: number
  /** Whether the directory knew it, as a profile or as a member. */
  directory: boolean
}

export interface ErasureOptions {
  /** `unknown` when it is missing. */
  regulation?: Regulation
  /** When the user asked for it, ms; now when it is missing. */
  submitted_ms?: number
  /** Names the request: integrations are asked once for it, also when it is repeated within days. */
  request_id?: string
}

export interface Erasure extends RequestsMade {
  erased: Erased[]
  /** Whether so many profiles were found that it must be repeated for the others. */
  more: boolean
}

type Taken = ErasedProfile & { mpid: string }

const eraseDeliveries = async (
  env: Bindings,
  { file }: StoredWorkspace,
  profiles: Taken[]
): Promise<Record<string, ErasedDeliveries>[]> => {
  const users = profiles.map(({ mpid, at_ms }) => ({ mpid, at_ms }))
  const outboxes = file.connections.flatMap((one) => outboxesOf(env, one))
  return Promise.all(outboxes.map((outbox) => outbox.erase(users)))
}

/**
 * Takes a profile out of the directory. By the links that the caller asked for, a repeat finds it
 * again, so they go last; what the profile left goes before its entry, by which it would expire.
 *
 * @returns whether the directory knew it
 */
const forget = async (env: Bindings, { mpid, links }: Taken, asked: string[]): Promise<boolean> => {
  const { PROFILE, DIRECTORY } = objectsOf(env)
  const profile = PROFILE.getByName(mpid)
  await unlink(
    env,
    links.filter((hash) => !asked.includes(hash)),
    mpid
  )
  await profile.forget()
  const isKnown = await DIRECTORY.getByName(directoryShard(mpid)).remove(mpid)
  await unlink(env, asked, mpid)
  await profile.registerAgain()
  return isKnown
}

const eraseCandidates = async (
  env: Bindings,
  { mpids, hashes, guessed }: Candidates,
  request: (stored: StoredWorkspace, taken: Taken[]) => Promise<RequestsMade>
): Promise<Omit<Erasure, 'more'>> => {
  const { PROFILE } = objectsOf(env)
  const taken = await Promise.all(
    mpids.map(async (mpid) => ({ mpid, ...(await PROFILE.getByName(mpid).erase()) }))
  )
  const stored = await readStored(env)
  const outboxes = await eraseDeliveries(env, stored, taken)
  const made = await request(stored, taken)
  const erased = await Promise.all(
    taken.map(async (one) => {
      const { mpid, profile, uploads } = one
      const directory = await forget(env, one, hashes)
      const sum = (count: keyof ErasedDeliveries) =>
        outboxes.reduce((total, other) => total + (other[mpid]?.[count] ?? 0), 0)
      const [deliveries, dead_letters] = [sum('deliveries'), sum('dead_letters')]
      return { mpid, profile, uploads, deliveries, dead_letters, directory }
    })
  )
  const isSomebody = (one: Erased): boolean =>
    one.profile || one.directory || one.uploads + one.deliveries + one.dead_letters > 0
  return { erased: erased.filter((one) => !guessed.includes(one.mpid) || isSomebody(one)), ...made }
}

/**
 * Erases users: what is known of them, what waits of them, what is counted of them; and requests the
 * same of the integrations that take such requests. What was delivered elsewhere lies with its
 * receivers and is not touched. The profiles go first, so that nothing more comes of them, and the
 * directory last; whoever is told of a failure repeats the whole.
 *
 * @throws RequestError 503 when a request could not be stored
 */
export const eraseUsers = async (
  env: Bindings,
  subject: Subject,
  { regulation = 'unknown', submitted_ms, request_id }: ErasureOptions = {}
): Promise<Erasure> => {
  const candidates = await findCandidates(env, subject)
  const { mpids, more } = candidates
  const name = request_id ?? crypto.randomUUID()
  const about = {
    regulation,
    submitted_ms: submitted_ms ?? Date.now(),
    // A repeat for the others is no repeat of this one.
    request_id: more ? `${name} ${mpids}` : name,
  }
  const erased = await eraseCandidates(env, candidates, (stored, taken) => {
    const known = taken.flatMap(({ identities }) => identities)
    return requestErasures(env, stored, {
      ...about,
      identities: [subject.identities ?? {}, ...known],
    })
  })
  return { ...erased, more }
}
