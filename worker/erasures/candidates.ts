import { identityTypes } from '../batch'
import { type Bindings, requireSecret } from '../config/deployment'
import { mpidOfUser, readMpid } from '../dialects/mpid'
import { hashOf } from '../dialects/privacy/rules'
import { linkedMpids } from '../partitions/directory/link-shards'
import { linkOf } from '../partitions/links'

/** Whom an erasure is about, by any of these. */
export interface Subject {
  mpids?: string[]
  /** By canonical type. Types of devices find nobody, but are told to integrations. */
  identities?: Record<string, string>
  mp_deviceid?: string
}

export interface Candidates {
  mpids: string[]
  /** Those of them that are only looked at in case an input had the identity hashed. */
  guessed: string[]
  /** The hashes of identities under which these were looked for. */
  hashes: string[]
  /** Whether there may be others, that a repeat finds. */
  more: boolean
}

// All that is asked of other objects for them must stay far below what one request may ask.
const mostLinked = 50

/**
 * The mpids under which somebody's events may have come in: given ones, those that derive from each
 * identity and from the device, since any of them may have been the best that was known, and those
 * of profiles that know one of the identities.
 *
 * @throws RequestError 503 when identities are given and the deployment has no IDENTITY_KEY
 */
export const findCandidates = async (
  env: Bindings,
  { mpids = [], identities = {}, mp_deviceid }: Subject
): Promise<Candidates> => {
  const key = () => requireSecret(env, 'IDENTITY_KEY')
  const hash = (given: string): string => hashOf(key())(given)
  const known = identityTypes.flatMap((type): { type: string; identity: string }[] => {
    const identity = identities[type]
    return identity ? [{ type, identity }] : []
  })
  const links = known.map((one) => linkOf(one, key()))
  // An input may have, or have had, it hashed before anything was stored.
  const hashed = known.map(({ type, identity }) =>
    linkOf({ type, identity: hash(identity) }, key())
  )
  const hashes = [...links, ...hashed].map((one) => one.hash)
  const linked = [...new Set(await linkedMpids(env, hashes, mostLinked + 1))]
  const ofDevice = (one: string) => mpidOfUser({ mp_deviceid: one }, key)
  const all = [
    // 0 is nobody's: what waits under it are requests to integrations.
    ...mpids.map(readMpid),
    ...links.map(({ mpid }) => mpid),
    ...(mp_deviceid ? [await ofDevice(mp_deviceid)] : []),
    ...linked.slice(0, mostLinked),
  ]
  const guessed = [
    ...hashed.map(({ mpid }) => mpid),
    ...(mp_deviceid ? [await ofDevice(hash(mp_deviceid))] : []),
  ]
  const named = distinct(all)
  const others = distinct(guessed).filter((one) => !named.includes(one))
  const more = linked.length > mostLinked
  return { mpids: [...named, ...others], guessed: others, hashes, more }
}

const distinct = (mpids: (string | undefined)[]): string[] => [
  ...new Set(mpids.filter((one) => one !== undefined)),
]
