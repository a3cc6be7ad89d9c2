import { type Bindings, objectsOf } from '../config/deployment'
import { readStored, type StoredWorkspace } from '../config/snapshot'
import { outboxesOf } from '../outbox/shards'
import type { ErasedDeliveries } from '../outbox/store/erasure'
import { unlink } from '../partitions/directory/link-shards'
import { directoryShard } from '../partitions/directory/shards'
import type { ErasedProfile } from '../partitions/store'
import { type Candidates, findCandidates, type Subject } from './candidates'
import { type Regulation, type RequestsMade, requestErasures } from './requests'

export type { Subject } from './candidates'

/** What was erased of one mpid; zero and false when there was nothing. */
export interface Erased extends ErasedDeliveries {
  mpid: string
  profile: boolean
  /** Uploads that not all connections had received. */
  uploads: number
  /** Whether the directory knew it, as a profile or as a member. */
  directory: boolean
}

export interface ErasureOptions {
  /** `unknown` when it is missing. */
  regulation?: Regulation
  /** When the user asked for it, ms; now when it is missing. */
  submitted_ms?: number
  /** Deduplicates the requests to integrations when the erasure is repeated within days. */
  request_id?: string
}

export interface Erasure extends RequestsMade {
  erased: Erased[]
  /** Whether it must be repeated, since too many profiles were found for one call. */
  more: boolean
}

type ErasedUser = ErasedProfile & { mpid: string }

const eraseDeliveries = async (
  env: Bindings,
  { file }: StoredWorkspace,
  profiles: ErasedUser[]
): Promise<Record<string, ErasedDeliveries>[]> => {
  const users = profiles.map(({ mpid, at_ms }) => ({ mpid, at_ms }))
  const outboxes = file.connections.flatMap((connection) => outboxesOf(env, connection))
  return Promise.all(outboxes.map((outbox) => outbox.erase(users)))
}

/**
 * Removes a profile and its links from the directory. A repeated erasure finds the profile by the
 * searched links, so these are removed last; the profile's remaining rows are deleted before its
 * directory entry, since by that entry they would expire.
 *
 * @returns whether the directory knew it
 */
const removeFromDirectory = async (
  env: Bindings,
  { mpid, links }: ErasedUser,
  searched: string[]
): Promise<boolean> => {
  const { PROFILE, DIRECTORY } = objectsOf(env)
  const profile = PROFILE.getByName(mpid)
  await unlink(
    env,
    links.filter((hash) => !searched.includes(hash)),
    mpid
  )
  await profile.forget()
  const isKnown = await DIRECTORY.getByName(directoryShard(mpid)).remove(mpid)
  await unlink(env, searched, mpid)
  await profile.registerAgain()
  return isKnown
}

const eraseCandidates = async (
  env: Bindings,
  { mpids, hashes, guessed }: Candidates,
  request: (stored: StoredWorkspace, users: ErasedUser[]) => Promise<RequestsMade>
): Promise<Omit<Erasure, 'more'>> => {
  const { PROFILE } = objectsOf(env)
  const users = await Promise.all(
    mpids.map(async (mpid) => ({ mpid, ...(await PROFILE.getByName(mpid).erase()) }))
  )
  const stored = await readStored(env)
  const outboxes = await eraseDeliveries(env, stored, users)
  const requests = await request(stored, users)
  const erased = await Promise.all(
    users.map(async (user) => {
      const { mpid, profile, uploads } = user
      const directory = await removeFromDirectory(env, user, hashes)
      const sum = (count: keyof ErasedDeliveries) =>
        outboxes.reduce((total, counts) => total + (counts[mpid]?.[count] ?? 0), 0)
      const [deliveries, dead_letters] = [sum('deliveries'), sum('dead_letters')]
      return { mpid, profile, uploads, deliveries, dead_letters, directory }
    })
  )
  const isFound = ({ profile, directory, uploads, deliveries, dead_letters }: Erased): boolean =>
    profile || directory || uploads + deliveries + dead_letters > 0
  const listed = erased.filter((user) => !guessed.includes(user.mpid) || isFound(user))
  return { erased: listed, ...requests }
}

/**
 * Erases a user: profiles, waiting deliveries, dead letters and audience memberships. Integrations
 * that registered for erasures are sent a request; events that were delivered before are not
 * touched. Profiles are erased first, so that nothing more is enqueued, and directory entries last,
 * so that a caller that gets an error can repeat the whole.
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
  const facts = {
    regulation,
    submitted_ms: submitted_ms ?? Date.now(),
    // With the mpids, so that the repeat for the other profiles is not taken for a duplicate.
    request_id: more ? `${name} ${mpids}` : name,
  }
  const erased = await eraseCandidates(env, candidates, (stored, users) => {
    const known = users.flatMap((user) => user.identities)
    const identities = [subject.identities ?? {}, ...known]
    return requestErasures(env, stored, { ...facts, identities })
  })
  return { ...erased, more }
}
