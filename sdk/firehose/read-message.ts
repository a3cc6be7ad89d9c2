import { MessageError } from './errors'
import { parseExactly } from './exact-json'
import type { Message } from './messages'
import type { Registration } from './registration'
import { isObject } from './tables/field'
import { messageKinds } from './tables/messages'
import { registration } from './tables/registration'

const isMessageType = (type: unknown): type is Message['type'] =>
  typeof type === 'string' && Object.hasOwn(messageKinds, type)

/**
 * Reads a message leniently: invalid parts are converted or left out, so that the result has its
 * declared type. (The Java SDK rejects a message that has one unknown word.)
 *
 * - Unknown fields, events, notifications and words are kept unchanged.
 * - Null fields and values that cannot be converted are left out. Scalars are converted to the
 *   expected type: `1.5` to `'1.5'` in a map of text. There lists and objects become JSON text, and
 *   null stays.
 * - Integers of 16 or more digits become text, unless a number is expected.
 * - Identities without a value, locations without a coordinate and attributes without a key are
 *   left out. A missing id becomes a new UUID, a missing time the current time, missing events an
 *   empty list.
 *
 * @param message JSON text, or a parsed message (whose long integers may have been rounded).
 * @throws MessageError when it is not a JSON object, or of an unknown type; nothing else.
 */
export const readMessage = (message: string | object): Message => {
  const value = typeof message === 'string' ? parseExactly(message) : message
  if (!isObject(value)) throw new MessageError('The message is not a JSON object.')
  if (!isMessageType(value.type)) throw new MessageError('The message is of no known type.')
  const read = messageKinds[value.type].read(value)
  if (!read) throw new MessageError('The message cannot be read.')
  return read
}

/**
 * Reads a registration leniently: settings of unknown types become text settings, and unknown types
 * of events, environments, notifications and identities are left out.
 */
export const readRegistration = (value: unknown): Registration | undefined =>
  registration.read(value)
