import { uuidFrom } from '../../base/hash'
import { membershipRequest } from '../../connections/firehose/requests'
import type { Outcome } from '../../delivery'
import type { QueuedDelivery, QueueSender } from '../target'
import { parallelRequests } from './due'
import { exchange } from './exchange/exchange'
import type { Integration } from './integration'

const requestBytes = 5_500_000
// The most that a character takes in UTF-8.
const bytesPerChar = 3

// A delivery is a whole message, or the changes of one user, of which many make a message.
const isMessage = ({ text }: QueuedDelivery): boolean => text.startsWith('{"type":')

type Subscriptions = Record<string, Record<string, string>>

/** @param subscriptions the settings that are sent with the changes of each audience, by its number */
export const integrationSender = (
  integration: Integration,
  subscriptions: Subscriptions
): QueueSender => {
  const { isOfAudiences, bulk } = integration
  return {
    // Twice what is sent at once, so that others can pass what fails.
    wanted: isOfAudiences ? bulk.messages * 2 : parallelRequests * 2,
    parallel: isOfAudiences ? 1 : parallelRequests,
    isOrdered: true,
    isWhole: true,
    take: (waiting, beside, failures) =>
      isOfAudiences
        ? takeProfiles(waiting, { most: bulk.messages, failures, subscriptions })
        : takeOne(waiting, beside),
    send: async (batch) => {
      const outcome = await sendBatch(integration, batch, subscriptions)
      return batch.map(() => outcome)
    },
  }
}

// One request at a time for each profile, so that its messages keep their order.
const takeOne = <T extends QueuedDelivery>(waiting: T[], beside: T[]): T[] => {
  const busy = new Set(beside.map(({ mpid }) => mpid))
  const next = waiting.find(({ mpid }) => !busy.has(mpid))
  return next ? [next] : []
}

interface Taking<T> {
  most: number
  failures: (delivery: T) => number
  subscriptions: Subscriptions
}

// A group that failed is halved each time, until the profile that causes it is alone.
const takeProfiles = <T extends QueuedDelivery>(
  waiting: T[],
  { most, failures, subscriptions }: Taking<T>
): T[] => {
  const [first] = waiting
  if (!first || isMessage(first)) return first ? [first] : []
  const failed = failures(first)
  const room = Math.max(1, Math.ceil(most / 2 ** failed))
  const charsOfAudience = Math.max(0, ...Object.values(subscriptions).map(charsOf))
  const taken: T[] = []
  let bytes = 0
  for (const item of waiting) {
    if (isMessage(item) || failures(item) !== failed) break
    const audiences = item.text.split('"audience_id"').length - 1
    bytes += (item.text.length + audiences * charsOfAudience) * bytesPerChar
    if (taken.length >= room || (taken.length > 0 && bytes > requestBytes)) break
    taken.push(item)
  }
  return taken
}

const charsOf = (settings: Record<string, string>): number => JSON.stringify(settings).length

const sendBatch = async (
  integration: Integration,
  batch: QueuedDelivery[],
  subscriptions: Subscriptions
): Promise<Outcome> => {
  const [first] = batch
  const last = batch.at(-1)
  if (!first || !last) return { kind: 'delivered' }
  if (isMessage(first)) {
    const sort = first.text.startsWith('{"type":"dsr_') ? 'dsr' : 'events'
    return (await exchange(integration, sort, first.text)).outcome
  }
  if (!integration.isOfAudiences) {
    return { kind: 'reject', reason: 'It is no message of the Firehose protocol.' }
  }
  // The same group of changes has the same id, however often it is sent.
  const id = uuidFrom(`${first.id} ${last.id} ${batch.length}`)
  const facts = { id, timestamp_ms: Date.now(), subscriptionSettings: subscriptions }
  const text = membershipRequest(
    batch.map((item) => item.text),
    facts
  )
  return (await exchange(integration, 'audiences', text)).outcome
}
