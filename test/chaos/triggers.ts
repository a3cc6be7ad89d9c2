import { textOf } from '../../worker/commands/aws/landed'
import type { Gate } from '../support/gate/gate'

interface SegmentEvent {
  id: string
  event: 'enter' | 'exit'
  enter: string
  exit: string
}

/** A message about a profile's memberships, as far as it is checked. */
export interface Told {
  text: string
  mpid: string
  at: string
  changes: SegmentEvent[]
}

const toldOf = (text: string): Told => {
  const { data, meta } = JSON.parse(text)
  return { text, mpid: data.who, at: meta.timestamp, changes: data.segment_events }
}

const keyTime = (key: string): string => /_(\d{20}_\d{5})\.txt/.exec(key)?.[1] ?? ''

/** In the order of the files' times, then of the lines. */
export const toldToBucket = async (gate: Gate, bucket: string): Promise<Told[]> => {
  const objects = (await gate.objects(bucket))
    .filter(({ key }) => !key.includes('_Bucket_Verification_'))
    .sort((a, b) => keyTime(a.key).localeCompare(keyTime(b.key)))
  const told: Told[] = []
  for (const { key, body } of objects) {
    const { text } = await textOf(body, key.endsWith('.gz'))
    for (const line of text.split('\n')) if (line !== '') told.push(toldOf(line))
  }
  return told
}

/** Each message once, by the times of the changes: a queue repeats, and keeps no order. */
export const toldToQueue = async (gate: Gate, queue: string): Promise<Told[]> => {
  const texts = new Set((await gate.messages(queue)).map(({ body }) => body))
  return [...texts].map(toldOf).sort((a, b) => a.at.localeCompare(b.at))
}

const byProfile = (told: Told[]): Map<string, Told[]> => {
  const found = new Map<string, Told[]>()
  for (const one of told) found.set(one.mpid, [...(found.get(one.mpid) ?? []), one])
  return found
}

const textOfChanges = ({ changes }: Told): string =>
  changes.map(({ event, id }) => `${event} ${id}`).join(', ')

const openEnd = '2099-12-31T23:59:59Z'

/** An enter has the time of its message and no end; an exit ends what the last enter began. */
const wrongTimes = (where: string, told: Told[]): string[] => {
  const since = new Map<string, string>()
  return told.flatMap(({ mpid, at, changes }) =>
    changes.flatMap(({ id, event, enter, exit }) => {
      const began = event === 'enter' ? at : since.get(id)
      if (event === 'enter') since.set(id, enter)
      const isRight = enter === began && exit === (event === 'enter' ? openEnd : at)
      return isRight ? [] : [`${mpid} has wrong times in ${where}: ${event} ${id} at ${at}`]
    })
  )
}

/** Every change once, in order, with its times, and nothing else. */
export const wrongChanges = (
  where: string,
  told: Told[],
  expected: Map<string, string[]>
): string[] => {
  const found = byProfile(told)
  return [...new Set([...expected.keys(), ...found.keys()])].flatMap((mpid) => {
    const own = found.get(mpid) ?? []
    const texts = own.map(textOfChanges)
    const wanted = expected.get(mpid) ?? []
    const first = Math.max(
      texts.findIndex((text, i) => text !== wanted[i]),
      wanted.findIndex((text, i) => text !== texts[i])
    )
    if (first < 0) return wrongTimes(where, own)
    const said = `"${texts[first] ?? 'nothing'}" instead of "${wanted[first] ?? 'nothing'}"`
    return [
      `${mpid} has ${texts.length} changes in ${where}, expected ${wanted.length}; number ${first} is ${said}`,
    ]
  })
}
