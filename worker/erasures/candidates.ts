import { identityTypes } from '../batch'
import { type Bindings, requireSecret } from '../config/deployment'
import { readStored } from '../config/snapshot'
import { linkedMpids } from '../directory/link-shards'
import { mpidOfUser, readMpid } from '../inputs/mpid'
import { hashOf } from '../inputs/privacy/rules'
import { type IdentityLink, linkOf } from '../profiles/links'

/** Whom an erasure is about, by any of these. */
export interface Subject {
  mpids?: string[]
  /** By canonical type. Types of devices find nobody, but are told to integrations. */
  identities?: Record<string, string>
  mp_deviceid?: string
}

export interface Candidates {
  mpids: string[]
  /** The hashes of identities under which these were looked for. */
  hashes: string[]
  /** Whether there may be others, that a repeat finds. */
  more: boolean
}

// All that is asked of other objects for them must stay far below what one request may ask.
const mostLinked = 50

const doesHash = async (env: Bindings): Promise<boolean> => {
  const { file } = await readStored(env)
  return file.inputs.some(({ privacy }) => privacy !== undefined && privacy.hash.length > 0)
}

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
  const isHashing = await doesHash(env)
  // An input may have had it hashed before anything was stored.
  const forms = (given: string | undefined): string[] => {
    if (!given) return []
    return isHashing ? [given, hashOf(key())(given)] : [given]
  }
  const links = identityTypes.flatMap((type): IdentityLink[] =>
    forms(identities[type]).map((identity) => linkOf({ type, identity }, key()))
  )
  const linkHashes = links.map(({ hash }) => hash)
  const linked = [...new Set(await linkedMpids(env, linkHashes, mostLinked + 1))]
  const ofDevices = forms(mp_deviceid).map((one) => mpidOfUser({ mp_deviceid: one }, key))
  const all = [
    // 0 is nobody's: what waits under it are requests to integrations.
    ...mpids.map(readMpid),
    ...links.map(({ mpid }) => mpid),
    ...(await Promise.all(ofDevices)),
    ...linked.slice(0, mostLinked),
  ]
  const found = [...new Set(all.filter((one) => one !== undefined))]
  return { mpids: found, hashes: linkHashes, more: linked.length > mostLinked }
}
