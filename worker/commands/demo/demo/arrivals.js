import { addCard, bytesText } from './cards.js'

const pollMs = 500
const byId = (id) => document.getElementById(id)
const counts = { queue: 0, bucket: 0 }
let last = 0

/** Shows what lands in the local queue and bucket, for as long as the page is open. */
export const watchArrivals = async (awsUrl) => {
  await poll(awsUrl).catch(() => {
    // The local AWS is being restarted.
  })
  setTimeout(watchArrivals, pollMs, awsUrl)
}

const poll = async (awsUrl) => {
  if (document.hidden) return
  const answer = await (await fetch(`${awsUrl}/_weir/landed?after=${last}`)).json()
  // It counts from 1 again after a restart.
  const isRestarted = answer.last < last
  last = isRestarted ? 0 : answer.last
  if (!isRestarted) for (const item of answer.items) show(item)
}

const show = (item) => {
  const id = item.kind === 'message' ? 'queue' : 'bucket'
  const lines = item.text.split('\n').filter((line) => line !== '')
  const what = describe(lines.flatMap(read))
  const size = `${bytesText(item.bytes)}${item.truncated ? ', cut' : ''}`
  const where = item.kind === 'message' ? item.queue : item.key
  addCard(byId(id), { what, where, size, time: item.at, lines }, { isOpen: true, keep: 50 })
  counts[id] += 1
  byId(`${id}-count`).textContent = counts[id]
  byId(`${id}-empty`).hidden = true
  byId('announcement').textContent = `In the ${id}: ${what}`
}

const read = (line) => {
  try {
    return [JSON.parse(line)]
  } catch {
    return []
  }
}

const nameOf = ({ event_type: type, data }) => data?.event_name ?? data?.screen_name ?? type

// Of a batch, or a flat record.
const eventsOf = ({ events, event_type: type }) => events ?? (type ? [{ event_type: type }] : [])

const changesOf = ({ data }) =>
  (data?.segment_events ?? []).map(({ event, slug }) => `${event} ${slug}`)

const describe = (lines) => {
  const changes = lines.flatMap(changesOf)
  if (changes.length > 0) return counted(changes, 'change')
  const names = lines.flatMap(eventsOf).map(nameOf)
  return names.length > 0 ? counted(names, 'event') : 'A batch without events'
}

const counted = (names, what) => {
  const different = [...new Set(names)]
  const shown = different.slice(0, 3).join(', ')
  const more = different.length > 3 ? ', …' : ''
  return `${names.length} ${what}${names.length === 1 ? '' : 's'}: ${shown}${more}`
}
