import { isObject, type Json } from './base/json'

const nameFields = ['event_name', 'screen_name', 'product_action', 'message', 'url', 'name']

/** What the sender of an event called it, for people; '' for events without a name. */
export const eventName = (data: Json | undefined, mostChars: number): string => {
  if (!isObject(data)) return ''
  for (const field of nameFields) {
    const value = data[field]
    const text = isObject(value) ? value.action : value
    if (typeof text === 'string' && text !== '') return text.slice(0, mostChars)
  }
  return ''
}
