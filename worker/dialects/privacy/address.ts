import type { EdgeFacts } from '../../batch'
import type { Privacy } from './settings'

const groupsOf = (part: string): string[] => (part === '' ? [] : part.split(':'))

// The eight groups of an IPv6 address; undefined when it is none.
const expand = (address: string): string[] | undefined => {
  const [head = '', tail, ...more] = address.split('::')
  if (more.length > 0) return undefined
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')]
  const missing = 8 - before.length - after.length
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined
  const groups = [...before, ...Array.from({ length: missing }, () => '0'), ...after]
  return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group)) ? groups : undefined
}

const ipv4 = /^((?:::ffff:)?\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/i

/** An IPv6 address with all but its first groups set to zero. */
const prefixOf = (address: string, groups: number): string | undefined => {
  const [bare = ''] = address.split('%')
  const expanded = expand(bare)
  return expanded && `${expanded.slice(0, groups).map(withoutZeros).join(':')}::`
}

const withoutZeros = (group: string): string => group.toLowerCase().replace(/^0+(?=.)/, '')

/**
 * Sets the last octet (IPv4) or the last 80 bits (IPv6) of an address to zero. '' for anything that
 * is no address, since any part of it may identify a person.
 */
export const truncateAddress = (address: string): string => {
  const text = address.trim()
  const first = ipv4.exec(text)?.[1]
  return first === undefined ? (prefixOf(text, 3) ?? '') : `${first}.0`
}

/**
 * What identifies one subscriber for a limit: an IPv4 address, or the /64 network of an IPv6 one.
 */
export const subscriberOf = (address: string): string => prefixOf(address, 4) ?? address

/** Edge facts without what the input drops. */
export const redactEdge = (privacy: Privacy | undefined, edge: EdgeFacts): EdgeFacts => {
  if (!privacy || (privacy.ip === 'keep' && privacy.user_agent === 'keep')) return edge
  const { ip, user_agent, location, ...rest } = edge
  const address = ip && privacy.ip === 'truncate' ? truncateAddress(ip) : ip
  return {
    ...rest,
    ...(address && privacy.ip !== 'drop' ? { ip: address } : {}),
    ...(user_agent && privacy.user_agent === 'keep' ? { user_agent } : {}),
    ...(location && privacy.ip !== 'drop' ? { location } : {}),
  }
}
