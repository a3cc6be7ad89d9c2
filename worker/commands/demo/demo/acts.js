const { weir } = window
const eventsUrl = '/webevents/v3/JS/demo-web-key/events'

const post = async (body) => {
  const response = await fetch(eventsUrl, { method: 'POST', body })
  await response.text()
  return response.status
}

/** Bodies of which all or a part cannot be understood. */
const garbage = () => [
  '{"events": [{"event_type": "custom_event", "data"',
  JSON.stringify({
    source_request_id: crypto.randomUUID(),
    events: [
      { data: { event_name: 'An event without a type' } },
      'not an event',
      { event_type: 'custom_event', data: { event_name: 'The good one among them' } },
    ],
  }),
]

/** Actions of buttons that do more than one call, by name. Each returns a description of what it did. */
export const acts = {
  burst: () => {
    for (let percent = 1; percent <= 100; percent += 1) weir.track('Scrolled', { percent })
    return "for (let percent = 1; percent <= 100; percent += 1) weir.track('Scrolled', { percent })"
  },
  route: () => {
    history.pushState(null, '', `/demo?visit=${Date.now()}`)
    return `history.pushState(null, '', '${location.pathname}${location.search}')`
  },
  uncaught: () => {
    const text = `Nobody caught this at ${Date.now()}`
    setTimeout(() => {
      throw new RangeError(text)
    })
    return `throw new RangeError('${text}')`
  },
  rejection: () => {
    const text = `Nobody awaited this at ${Date.now()}`
    void Promise.reject(new Error(text))
    return `Promise.reject(new Error('${text}'))`
  },
  request: async () => {
    const { status } = await fetch('/health')
    return `fetch('/health')  ${status}`
  },
  garbage: async () => {
    const statuses = await Promise.all(garbage().map(post))
    return `POST ${eventsUrl}  ${statuses.join(', ')}  see Rejected below`
  },
}
