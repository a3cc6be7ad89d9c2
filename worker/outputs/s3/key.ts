import type { S3Connection } from './settings'

/** A folder setting as the beginning of a key. */
export const folder = (name: string | undefined): string =>
  (name ?? '')
    .split('/')
    .filter((part) => part !== '')
    .map((part) => `${part}/`)
    .join('')

/** A time as digits: date, separator, time of day. */
export const compactTime = (ms: number, separator: string): string => {
  const [date = '', time = ''] = new Date(ms).toISOString().split('T')
  return `${date.replaceAll('-', '')}${separator}${time.slice(0, 8).replaceAll(':', '')}`
}

/**
 * The key of a file: `[folder/][YYYY-MM-DD/]App_yyyyMMddHHmmssffffff_NNNNN.txt[.gz]`. The last
 * three digits of the time and the five behind it are random.
 *
 * @param lane `DATE/APP`, made by `connections/`; the date may be empty
 */
export const fileKey = (
  lane: string,
  connection: Pick<S3Connection, 'folder_name' | 'use_compression'>,
  now: { ms: number; random: () => number }
): string => {
  const [date, app] = lane.split('/')
  const digits = (count: number) =>
    String(Math.floor(now.random() * 10 ** count)).padStart(count, '0')
  const time = `${compactTime(now.ms, '')}${String(now.ms % 1000).padStart(3, '0')}${digits(3)}`
  const extension = connection.use_compression ? '.txt.gz' : '.txt'
  const dated = date ? `${date}/` : ''
  return `${folder(connection.folder_name)}${dated}${app}_${time}_${digits(5)}${extension}`
}
