import { isObject, type Json } from './base/json'

const nameFields = ['event_name', 'screen_name', 'product_action', 'message', 'url', 'name']

/** The name of an event for people, from the first of some fields that has text; '' for none. */
export const eventName = (data: Json | undefined, maxChars: number): string => {
  if (!isObject(data)) return ''
  for (const field of nameFields) {
    const value = data[field]
    const text = isObject(value) ? value.action : value
    if (typeof text === 'string' && text !== '') return text.slice(0, maxChars)
  }
  return ''
}
