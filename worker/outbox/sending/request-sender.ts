import { uuidFrom } from '../../base/hash'
import { membershipRequest } from '../../connections/firehose/requests'
import type { Outcome } from '../../delivery'
import { exchange, type Integration } from '../integration/integration'
import type { LaneState } from '../store/segments'
import type { Item, Sender } from './sender'

const parallelRequests = 5
// Rows and alarms are shared by what comes in within this time.
const gatherMs = 1000
const mostBytes = 5_500_000
// At most, in UTF-8.
const bytesPerChar = 3

// A delivery is a whole message, or one user's profile, of which many make a message.
const isMessage = ({ text }: Item): boolean => text.startsWith('{"type":')

/** When an integration's next messages are sent, ms. */
export const requestDueMs = (
  lane: LaneState,
  bulk: { messages: number; minutes: number } | undefined
): number => {
  if (!bulk) return lane.deliveries >= parallelRequests ? 0 : lane.opened_ms + gatherMs
  return lane.deliveries >= bulk.messages ? 0 : lane.opened_ms + bulk.minutes * 60_000
}

type Subscriptions = Record<string, Record<string, string>>

/** @param subscriptions what is sent along with the changes of each audience, by its number */
export const requestSender = (integration: Integration, subscriptions: Subscriptions): Sender => {
  const { isOfAudiences, bulk } = integration
  return {
    dueMs: (lane) => requestDueMs(lane, isOfAudiences ? bulk : undefined),
    // Twice what goes at once, so that others can pass what fails.
    wanted: isOfAudiences ? bulk.messages * 2 : parallelRequests * 2,
    parallel: isOfAudiences ? 1 : parallelRequests,
    isOrdered: true,
    isWhole: true,
    take: (waiting, beside, failedBefore) =>
      isOfAudiences
        ? takeProfiles(waiting, { most: bulk.messages, failedBefore, subscriptions })
        : takeOne(waiting, beside),
    send: async (batch) => {
      const outcome = await sendBatch(integration, batch, subscriptions)
      return batch.map(() => outcome)
    },
  }
}

// One request at a time for each profile, so that its messages keep their order.
const takeOne = (waiting: Item[], beside: Item[]): Item[] => {
  const busy = new Set(beside.map(({ mpid }) => mpid))
  const next = waiting.find(({ mpid }) => !busy.has(mpid))
  return next ? [next] : []
}

interface Taking {
  most: number
  failedBefore: (item: Item) => number
  subscriptions: Subscriptions
}

// A group that failed is halved, until what fails in it is alone.
const takeProfiles = (waiting: Item[], { most, failedBefore, subscriptions }: Taking): Item[] => {
  const [first] = waiting
  if (!first || isMessage(first)) return first ? [first] : []
  const failures = failedBefore(first)
  const room = Math.max(1, Math.ceil(most / 2 ** failures))
  const charsOfAudience = Math.max(0, ...Object.values(subscriptions).map(charsOf))
  const taken: Item[] = []
  let bytes = 0
  for (const item of waiting) {
    if (isMessage(item) || failedBefore(item) !== failures) break
    const audiences = item.text.split('"audience_id"').length - 1
    bytes += (item.text.length + audiences * charsOfAudience) * bytesPerChar
    if (taken.length >= room || (taken.length > 0 && bytes > mostBytes)) break
    taken.push(item)
  }
  return taken
}

const charsOf = (settings: Record<string, string>): number => JSON.stringify(settings).length

const sendBatch = async (
  integration: Integration,
  batch: Item[],
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
