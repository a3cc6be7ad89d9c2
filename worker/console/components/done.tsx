import type { ConsoleContext } from '../env'
import { Notice } from './notice'

/** What pages say after something was done, by the `done` of their address. */
const said: Record<string, string> = {
  saved: 'Saved.',
  deleted: 'Deleted.',
  enabled: 'Enabled. What waited is delivered now.',
  disabled: 'Disabled. What waits is kept until the connection is enabled again.',
  retried: 'It is being tried again now.',
  resumed: 'Resumed: the integration says that it is well.',
  asked: 'The integration was asked again.',
  authorized: 'A new token was fetched.',
  forgotten: 'The authorization was forgotten.',
  replayed: 'Put back in line for delivery.',
  erased: 'Erased.',
}

export const Done = ({ context }: { context: ConsoleContext }) => {
  const text = said[context.req.query('done') ?? '']
  return text === undefined ? null : <Notice tone="good">{text}</Notice>
}
