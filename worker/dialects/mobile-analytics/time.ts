const dateTime =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?(?:(Z)|([+-])(\d\d):?(\d\d)?)?$/

const inRange = (value: number, [from, upto]: [number, number]): boolean =>
  value >= from && value <= upto

const daysIn = (year: number, month: number): number =>
  new Date(Date.UTC(year, month, 0)).getUTCDate()

/**
 * Reads an ISO 8601 date and time as ms since the epoch; undefined when it is invalid. Seconds,
 * their fraction and the zone may be missing; a time without a zone is UTC.
 */
export const readDateTime = (text: string): number | undefined => {
  const match = dateTime.exec(text.toUpperCase())
  if (!match) return undefined
  const number = (group: number): number => Number(match[group] ?? 0)
  const [year, month, day] = [number(1), number(2), number(3)]
  const [hours, minutes, seconds] = [number(4), number(5), number(6)]
  const isTime =
    inRange(month, [1, 12]) &&
    inRange(day, [1, daysIn(year, month)]) &&
    inRange(hours, [0, 23]) &&
    inRange(minutes, [0, 59]) &&
    inRange(seconds, [0, 59]) &&
    inRange(number(10), [0, 23]) &&
    inRange(number(11), [0, 59])
  if (!isTime) return undefined
  const ms = Math.floor(Number(`0.${match[7] ?? 0}`) * 1000)
  const offset = (number(10) * 60 + number(11)) * (match[9] === '-' ? -1 : 1)
  const time = new Date(0)
  time.setUTCFullYear(year, month - 1, day)
  time.setUTCHours(hours, minutes - offset, seconds, ms)
  return time.getTime()
}
