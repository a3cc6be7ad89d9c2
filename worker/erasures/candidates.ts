import { identityTypes } from '../batch'
import { type Bindings, requireSecret } from '../config/deployment'
import { mpidOfUser, type NamingIdentity, readMpid } from '../dialects/mpid'
import { hashOf } from '../dialects/privacy/rules'
import { linkedMpids } from '../partitions/directory/link-shards'
import { linkOf } from '../partitions/links'

/** The user to erase, by any of these. */
export interface Subject {
  mpids?: string[]
  /** By canonical type. No user is found by types of devices, but integrations are sent them. */
  identities?: Record<string, string>
  mp_deviceid?: string
}

export interface Candidates {
  mpids: string[]
  /** Those of `mpids` that derive from hashed identities, in case an input hashes them. */
  guessed: string[]
  /** The hashes of the identities under which links were looked up. */
  hashes: string[]
  /** Whether there may be others, which a repeated erasure finds. */
  more: boolean
}

// Each costs some requests to other objects, whose number per request the platform limits.
const maxLinked = 50

/**
 * Finds the mpids under which a user's events may have come in: those of the subject, those that
 * derive from each identity and from the device, since any of them may have been the best one in an
 * upload, and those of profiles that know one of the identities.
 *
 * @throws RequestError 503 when identities are given and the deployment has no IDENTITY_KEY
 */
export const findCandidates = async (
  env: Bindings,
  { mpids = [], identities = {}, mp_deviceid }: Subject
): Promise<Candidates> => {
  const key = () => requireSecret(env, 'IDENTITY_KEY')
  const hash = (text: string): string => hashOf(key())(text)
  const userIdentities = identityTypes.flatMap((type): NamingIdentity[] => {
    const identity = identities[type]
    return identity ? [{ type, identity }] : []
  })
  const links = userIdentities.map((identity) => linkOf(identity, key()))
  // Inputs may hash identities before anything is stored.
  const hashedLinks = userIdentities.map(({ type, identity }) =>
    linkOf({ type, identity: hash(identity) }, key())
  )
  const hashes = [...links, ...hashedLinks].map((link) => link.hash)
  const linked = [...new Set(await linkedMpids(env, hashes, maxLinked + 1))]
  const mpidOfDevice = (deviceId: string) => mpidOfUser({ mp_deviceid: deviceId }, key)
  const certain = distinct([
    // readMpid leaves out 0, under which requests to integrations wait in outboxes.
    ...mpids.map(readMpid),
    ...links.map(({ mpid }) => mpid),
    ...(mp_deviceid ? [await mpidOfDevice(mp_deviceid)] : []),
    ...linked.slice(0, maxLinked),
  ])
  const guessed = distinct([
    ...hashedLinks.map(({ mpid }) => mpid),
    ...(mp_deviceid ? [await mpidOfDevice(hash(mp_deviceid))] : []),
  ]).filter((mpid) => !certain.includes(mpid))
  const more = linked.length > maxLinked
  return { mpids: [...certain, ...guessed], guessed, hashes, more }
}

const distinct = (mpids: (string | undefined)[]): string[] => [
  ...new Set(mpids.filter((mpid) => mpid !== undefined)),
]
