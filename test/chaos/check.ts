import { textOf } from '../../worker/commands/aws/landed'
import type { Gate } from '../support/gate/gate'
import type { ConnectionStatus } from './admin'
import type { PlannedUpload } from './uploads'

/** What a file's line or a message says, as far as it is checked. */
export interface Landing {
  messageId: string
  mpid: string
  events: string[]
}

const landingOf = (text: string): Landing => {
  const batch = JSON.parse(text)
  return {
    messageId: batch.message_id,
    mpid: batch.mpid,
    events: batch.events.map(
      (event: { data: { custom_attributes: { id: string } } }) => event.data.custom_attributes.id
    ),
  }
}

export interface Lines {
  objects: number
  /** In the order of the files' times, then of the lines. */
  landings: Landing[]
}

const keyTime = (key: string): string => /_(\d{20}_\d{5})\.txt/.exec(key)?.[1] ?? ''

export const readBucket = async (gate: Gate, bucket: string): Promise<Lines> => {
  const objects = (await gate.objects(bucket))
    .filter(({ key }) => !key.includes('_Bucket_Verification_'))
    .sort((a, b) => keyTime(a.key).localeCompare(keyTime(b.key)))
  const landings: Landing[] = []
  for (const { key, body } of objects) {
    const { text } = await textOf(body, key.endsWith('.gz'))
    for (const line of text.split('\n')) if (line !== '') landings.push(landingOf(line))
  }
  return { objects: objects.length, landings }
}

export const readQueue = async (gate: Gate, queue: string): Promise<Landing[]> =>
  (await gate.messages(queue)).map((message) => landingOf(message.body))

/** Names at most a few of what may be many. */
const list = (what: string, found: string[]): string[] =>
  found.length === 0 ? [] : [`${found.length} ${what}: ${found.slice(0, 8).join(', ')}`]

const countEvents = (landings: Landing[]): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const id of landings.flatMap((one) => one.events)) counts.set(id, (counts.get(id) ?? 0) + 1)
  return counts
}

export const missing = (where: string, expected: Set<string>, landings: Landing[]): string[] => {
  const counts = countEvents(landings)
  return [
    ...list(
      `acknowledged events are not in ${where}`,
      [...expected].filter((id) => !counts.has(id))
    ),
    ...list(
      `events in ${where} that do not belong there`,
      [...counts.keys()].filter((id) => !expected.has(id))
    ),
  ]
}

export const doubles = (where: string, landings: Landing[]): string[] =>
  list(
    `events are more than once in ${where}`,
    [...countEvents(landings)].flatMap(([id, count]) => (count > 1 ? `${id} (${count})` : []))
  )

/** Every copy of an event must come in the same message, so that a consumer can know it. */
export const strayCopies = (where: string, landings: Landing[]): string[] => {
  const messages = new Map<string, string>()
  const stray = new Set<string>()
  for (const { messageId, events } of landings) {
    for (const id of events) {
      if ((messages.get(id) ?? messageId) !== messageId) stray.add(id)
      messages.set(id, messageId)
    }
  }
  return list(`events are in different messages in ${where}`, [...stray])
}

/**
 * Uploads that were sent after another had been acknowledged must land behind it.
 *
 * @param streamOf what is kept in order: uploads of different streams may pass each other
 */
export const disorder = (
  where: string,
  landings: Landing[],
  { uploads, streamOf }: { uploads: PlannedUpload[]; streamOf: (upload: PlannedUpload) => string }
): string[] => {
  const places = new Map(
    uploads.flatMap((upload) => upload.events.map((id, i) => [id, { upload, i }] as const))
  )
  const seen = new Map<string, { sent: number; last: PlannedUpload | undefined; i: number }>()
  const wrong: string[] = []
  for (const id of landings.flatMap((one) => one.events)) {
    const place = places.get(id)
    if (!place) continue
    const { upload, i } = place
    const stream = streamOf(upload)
    const before = seen.get(stream) ?? { sent: 0, last: undefined, i: 0 }
    if (upload.acknowledged < before.sent) wrong.push(`${id} of ${stream} is behind a later upload`)
    if (before.last === upload && i < before.i) wrong.push(`${id} of ${stream} is behind its next`)
    seen.set(stream, { sent: Math.max(before.sent, upload.firstSent), last: upload, i })
  }
  return list(`events are out of order in ${where}`, wrong)
}

export const wrongMpids = (where: string, landings: Landing[], uploads: PlannedUpload[]) => {
  const owners = new Map(uploads.flatMap(({ events, mpid }) => events.map((id) => [id, mpid])))
  const wrong = landings.flatMap(({ mpid, events }) =>
    events.filter((id) => owners.has(id) && owners.get(id) !== mpid)
  )
  return list(`events have the wrong mpid in ${where}`, wrong)
}

/** The ledger must balance, and count every acknowledged event once. */
export const imbalance = (
  { id, ledger }: ConnectionStatus,
  expected: { accepted: number; filtered: number }
): string[] => {
  const filtered = Object.values(ledger.filtered).reduce((sum, count) => sum + count, 0)
  const rest = ledger.delivered + filtered + ledger.dead + ledger.waiting
  const said = JSON.stringify(ledger)
  return [
    ...(ledger.accepted === rest ? [] : [`The ledger of ${id} does not balance: ${said}`]),
    ...(ledger.accepted === expected.accepted
      ? []
      : [`${id} accepted ${ledger.accepted} events, acknowledged were ${expected.accepted}.`]),
    ...(filtered === expected.filtered
      ? []
      : [`${id} filtered ${filtered} events instead of ${expected.filtered}.`]),
    ...(ledger.dead + ledger.waiting === 0 ? [] : [`${id} is not done: ${said}`]),
  ]
}
