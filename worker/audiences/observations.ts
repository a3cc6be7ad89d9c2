import { isObject, type JsonObject, own } from '../base/json'
import type { CheckedBatch } from '../batch'
import type { AudienceSet } from './compile'
import { viewEvent } from './event-view'
import type { Observations } from './membership'

const factOf = (batch: CheckedBatch['batch'], name: string) => {
  const [group, ...path] = name.split('.')
  const object = group === 'device' ? batch.device_info : batch.application_info
  return isObject(object) ? own(object, path.join('.')) : undefined
}

/** What a batch contains of the events and fields that rules need; undefined for nothing. */
export const observeBatch = (
  { batch, events }: CheckedBatch,
  set: AudienceSet,
  receivedMs: number
): Observations | undefined => {
  const marks: Observations['marks'] = {}
  for (const event of set.events.size > 0 ? events : []) {
    const view = viewEvent(event, receivedMs)
    for (const leaf of set.leavesFor(view)) {
      const added = leaf.marks(view)
      if (added.length === 0) continue
      const known = marks[leaf.key]
      if (known) for (const mark of added) known.push(mark)
      else marks[leaf.key] = added
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
