import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { toHex } from '../base/hash'
import { identityTypes } from '../batch'
import { mpidOfMac, type NamingIdentity, nameOf } from '../dialects/mpid'
import type { Folded, ProfileState } from '../profiles/attributes'

/** What an identity leads to: the mpid that derives from it, and its place in the directory. */
export interface IdentityLink {
  mpid: string
  /** 32 hex digits: the half of the identity's keyed hash that no mpid shows. */
  hash: string
}

const encoder = new TextEncoder()
const mpidBytes = 16

/**
 * Computed at once, unlike with the platform's HMAC, so that a profile writes what it owes the
 * directory into the row in which it stores the identity.
 */
export const linkOf = (named: NamingIdentity, identityKey: string): IdentityLink => {
  const mac = hmac(sha256, encoder.encode(identityKey), encoder.encode(nameOf(named)))
  const half = mac.slice(0, mpidBytes)
  return { mpid: mpidOfMac(half.buffer), hash: toHex(mac.slice(mpidBytes)) }
}

// Nobody has so many, and each costs bytes whenever the profile changes.
const mostLinks = 1000

// Those of a profile that was never asked for links are all new.
const newIdentities = (before: ProfileState, after: ProfileState): NamingIdentity[] =>
  identityTypes.flatMap((type) => {
    const identity = after.identities[type]?.identity
    const isKnown = before.links !== undefined && before.identities[type]?.identity === identity
    return identity === undefined || isKnown ? [] : [{ type, identity }]
  })

/** What a fold comes to with the links of the identities that it brought. */
export interface Linked extends Folded {
  /** The links that are new. */
  unlinked: string[]
}

/**
 * Adds links for new identities from which the profile's mpid does not derive. An identity that goes
 * keeps its link, since what is known of the user may date from its time.
 *
 * @param key undefined when the deployment has none: then there is nothing to find users by
 */
export const addLinks = (
  before: ProfileState,
  folded: Folded,
  { mpid, key }: { mpid: string; key: string | undefined }
): Linked => {
  const { state } = folded
  const learned = key ? newIdentities(before, state) : []
  if (!key || learned.length === 0) return { ...folded, unlinked: [] }
  const known = before.links ?? []
  const unlinked = learned
    .map((named) => linkOf(named, key))
    .flatMap((link) => (link.mpid === mpid || known.includes(link.hash) ? [] : link.hash))
    .slice(0, Math.max(0, mostLinks - known.length))
  const links = [...known, ...unlinked]
  const isSame = before.links !== undefined && unlinked.length === 0
  if (isSame) return { ...folded, unlinked }
  return { ...folded, state: { ...state, links }, changed: true, unlinked }
}
