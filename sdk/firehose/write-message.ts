import { WriteError } from './errors'
import type { Message } from './messages'
import { isMissing, isObject } from './tables/field'
import { messageKinds } from './tables/messages'

const onlyWhenTrue = /^(?:is_debug|allow_\w+)$/

const textOf = (value: unknown, key = ''): string => {
  if (Array.isArray(value)) return `[${value.map((one) => itemText(one, key)).join()}]`
  if (isObject(value)) return `{${membersOf(value).join()}}`
  return JSON.stringify(value)
}

const membersOf = (value: Record<string, unknown>): string[] =>
  Object.entries(value).flatMap(([key, one]) => {
    if (isMissing(one) || one === '' || (one === false && onlyWhenTrue.test(key))) return []
    const text = textOf(one, key)
    return text === '{}' || text === '[]' ? [] : [`${JSON.stringify(key)}:${text}`]
  })

/** An event's session is a number on the wire, also where only text can hold its digits. */
const itemText = (item: unknown, list: string): string => {
  if (list !== 'events' || !isObject(item) || typeof item.session_id !== 'string') {
    return textOf(item)
  }
  const { session_id, ...rest } = item
  return `{${[...membersOf(rest), `"session_id":${BigInt(session_id)}`].join()}}`
}

/** Fields that the Java SDK writes, or leaves out, against its own rule. */
const exceptions = (message: Message): Message => {
  if (message.type !== 'event_processing_response' || message.suspend_subscription) return message
  const { suspend_subscription, ...rest } = message
  return rest
}

/**
 * The text of a message as the Java SDK writes it: without what is null or empty, also within maps;
 * false and 0 are written, but for `is_debug`, `allow_*` and the suspension in the answer to events.
 * The events of a request are written also when there are none.
 *
 * @throws WriteError with everything in it that the protocol does not have.
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
