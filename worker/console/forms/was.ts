import { fnv1a64Hex } from '../../base/hash'
import type { ConsoleContext } from '../env'
import type { Sent } from './read-form'

/** What tells whether an item is still the one that a form was made of. */
export const markOf = (item: unknown): string => fnv1a64Hex(JSON.stringify(item))

/** Keeps what a sent form says of the item it was made of, for the form that is shown next. */
export const keepMark = (context: ConsoleContext, sent: Sent): void =>
  context.set('was', sent.was?.[0] ?? '')

/** The mark for a form: of what is stored, or what the form that was just sent had. */
export const formMark = (context: ConsoleContext, stored: unknown): string =>
  context.get('was') ?? (stored === undefined ? '' : markOf(stored))
