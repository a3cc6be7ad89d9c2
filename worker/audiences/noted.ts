import { isObject, type JsonObject, own } from '../base/json'
import type { CheckedBatch } from '../batch'
import type { AudienceSet } from './compile'
import { viewEvent } from './event-view'
import type { Noted } from './membership'

const factOf = (batch: CheckedBatch['batch'], name: string) => {
  const [group, ...path] = name.split('.')
  const object = group === 'device' ? batch.device_info : batch.application_info
  return isObject(object) ? own(object, path.join('.')) : undefined
}

/** What a batch says of the events and fields that rules ask for; undefined for nothing. */
export const noteBatch = (
  { batch, events }: CheckedBatch,
  set: AudienceSet,
  receivedMs: number
): Noted | undefined => {
  const marks: Noted['marks'] = {}
  for (const event of set.events.size > 0 ? events : []) {
    const view = viewEvent(event, receivedMs)
    for (const leaf of set.leavesFor(view)) {
      const made = leaf.marks(view)
      if (made.length === 0) continue
      const known = marks[leaf.key]
      if (known) for (const one of made) known.push(one)
      else marks[leaf.key] = made
    }
  }
  const facts: JsonObject = {}
  for (const name of set.facts) {
    const value = factOf(batch, name)
    if (value !== undefined && value !== null) facts[name] = value
  }
  const isEmpty = Object.keys(marks).length === 0 && Object.keys(facts).length === 0
  return isEmpty ? undefined : { marks, facts }
}
