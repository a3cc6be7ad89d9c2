import { exactText, isObject } from '../base/json'
import type { Outbound, OutboundEvent } from './outbound'

export type StoreByDate = 'none' | 'event_time' | 'upload_time' | 'event_time_or_upload_time'

const utcDate = (ms: number): string =>
  Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString().slice(0, -14) : ''

/** The date folder of a batch, `YYYY-MM-DD` in UTC, or '' for the base folder. */
export const dateFolder = (
  storeByDate: string,
  first: OutboundEvent | undefined,
  receivedMs: number
): string => {
  switch (storeByDate) {
    case 'event_time':
      return first?.client_ms === undefined ? '' : utcDate(first.client_ms)
    case 'upload_time':
      return utcDate(receivedMs)
    case 'event_time_or_upload_time':
      return utcDate(first?.client_ms ?? receivedMs) || utcDate(receivedMs)
    default:
      return ''
  }
}

/**
 * A name as part of a file name: each character but letters, digits, `.`, `-` and `_` becomes `-`.
 */
export const fileSafe = (name: unknown): string => {
  const safe = typeof name === 'string' ? name.replace(/[^A-Za-z0-9._-]/gu, '-') : ''
  // An S3 key has at most 1,024 bytes.
  return safe.slice(0, 200) || 'weir'
}

/** The application's name in a file name: the one configured for the input, else the batch's. */
export const appName = (configured: string | undefined, batch: Outbound): string => {
  const info = batch.fields.application_info
  return fileSafe(configured || (isObject(info) && exactText(info.application_name)))
}
