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
 * Reads a message, making do with what comes: what is returned has the types that it is declared
 * with. More lenient than the Java SDK, to which one unknown word is the end of the message.
 *
 * - Unknown fields stay as they are. Unknown events and notifications stay whole; unknown words stay.
 * - Null fields are left out, as is what nothing can be made of. Scalars become what is expected:
 *   `1.5` is `'1.5'` in a map of text, where lists and objects become JSON text; null stays there.
 * - Integers of 16 or more digits keep them: as text, wherever there is no number expected.
 * - Identities without a value, locations without a coordinate and attributes without a key are
 *   left out. A missing id is made, a missing time is now, missing events are none.
 *
 * @param message JSON text, or what was parsed from it (whose integers may have been rounded).
 * @throws MessageError when it is not a JSON object, or of no known type; nothing else.
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
 * Reads what an integration says of itself, as leniently: settings of unknown types become text,
 * unknown types of events, environments, notifications and identities are left out.
 */
export const readRegistration = (value: unknown): Registration | undefined =>
  registration.read(value)
