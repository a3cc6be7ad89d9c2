import type { ConsoleContext } from '../env'
import { Notice } from './notice'

/** What a page says after an action, by the `done` in its address. */
const texts: Record<string, string> = {
  saved: 'Saved.',
  deleted: 'Deleted.',
  enabled: 'Enabled. Deliveries that waited are sent now.',
  disabled: 'Disabled. Deliveries wait until the connection is enabled again.',
  retried: 'Deliveries are being tried again now.',
  resumed: 'Resumed: the integration answered that it is well.',
  asked: 'The registration was fetched again.',
  authorized: 'A new token was fetched.',
  forgotten: 'The authorization was deleted.',
  replayed: 'Enqueued for delivery again.',
  erased: 'Erased.',
}

export const Done = ({ context }: { context: ConsoleContext }) => {
  const text = texts[context.req.query('done') ?? '']
  return text === undefined ? null : <Notice tone="good">{text}</Notice>
}
