import type { Delivery } from '../delivery'

/** A queue's delivery as it was stored. */
export type StoredMessage = Pick<Delivery, 'id' | 'mpid' | 'events' | 'lane' | 'text'> & {
  attributes?: Record<string, string>
}

/** As a segment holds it: queues need the facts beside the text, files just the line. */
export const writeDelivery = ({ id, mpid, events, attributes, text, lane }: Delivery): string =>
  lane === '' ? `${JSON.stringify({ id, mpid, events, attributes })}\n${text}\n` : `${text}\n`

export const readMessages = (body: string): StoredMessage[] => {
  const lines = body.split('\n')
  const messages: StoredMessage[] = []
  for (let i = 0; i + 1 < lines.length; i += 2) {
    messages.push({ ...JSON.parse(lines[i] ?? ''), lane: '', text: lines[i + 1] ?? '' })
  }
  return messages
}
