import { WriteError } from './errors'
import type { Message } from './messages'
import { isMissing, isObject } from './tables/field'
import { messageKinds } from './tables/messages'

const onlyWhenTrue = /^(?:is_debug|allow_\w+)$/

const textOf = (value: unknown, key = ''): string => {
  if (Array.isArray(value)) return `[${value.map((item) => itemText(item, key)).join()}]`
  if (isObject(value)) return `{${membersOf(value).join()}}`
  return JSON.stringify(value)
}

const membersOf = (value: Record<string, unknown>): string[] =>
  Object.entries(value).flatMap(([key, member]) => {
    if (isMissing(member) || member === '') return []
    if (member === false && onlyWhenTrue.test(key)) return []
    const text = textOf(member, key)
    return text === '{}' || text === '[]' ? [] : [`${JSON.stringify(key)}:${text}`]
  })

/** The session id of an event is written as a number, even if it is text because of its digits. */
const itemText = (item: unknown, list: string): string => {
  if (list !== 'events' || !isObject(item) || typeof item.session_id !== 'string') {
    return textOf(item)
  }
  const { session_id, ...rest } = item
  return `{${[...membersOf(rest), `"session_id":${BigInt(session_id)}`].join()}}`
}

/** Fields for which the Java SDK deviates from its own rules. */
const exceptions = (message: Message): Message => {
  if (message.type !== 'event_processing_response' || message.suspend_subscription) return message
  const { suspend_subscription, ...rest } = message
  return rest
}

/**
 * Writes a message like the Java SDK: null and empty values are left out, also within maps; false
 * and 0 are written, except for `is_debug`, `allow_*` and the suspension in the response to events.
 * The `events` of a request are written even when empty.
 *
 * @throws WriteError with all violations of the protocol.
 */
export const writeMessage = (message: Message): string => {
  const problems = messageKinds[message.type].check(message, '')
  if (problems.length > 0) throw new WriteError(problems)
  const members = membersOf({ ...exceptions(message) })
  if (message.type === 'event_processing_request' && message.events.length === 0) {
    members.push('"events":[]')
  }
  return `{${members.join()}}`
}
