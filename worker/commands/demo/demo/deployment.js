import { addCard, bytesText } from './cards.js'

const pollMs = 1500
const byId = (id) => document.getElementById(id)
let lastRejected = 0

/** Shows the state of the connections and what was rejected, from the admin API. */
export const watchDeployment = async (token) => {
  const read = async (path) => {
    const response = await fetch(`/admin/v1/${path}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    return response.json()
  }
  const poll = async () => {
    if (document.hidden) return
    showConnections((await read('status')).connections)
    showRejected(await read('rejected?limit=20'))
  }
  await poll().catch(() => {
    byId('connections').textContent = 'The worker does not answer.'
  })
  setTimeout(watchDeployment, pollMs, token)
}

const showConnections = (connections) => {
  const rows = connections.map((connection) => {
    const row = document.createElement('li')
    const dot = document.createElement('span')
    dot.className = 'dot'
    dot.dataset.state = connection.state
    const name = document.createElement('b')
    name.textContent = connection.id
    row.append(dot, name, describe(connection))
    return row
  })
  byId('connections').replaceChildren(...rows)
}

const describe = ({ state, ledger, last_error: error, dead_letters: dead }) => {
  const filtered = Object.values(ledger.filtered).reduce((sum, count) => sum + count, 0)
  const texts = [
    `${state}: ${ledger.delivered} delivered`,
    `${ledger.waiting} waiting`,
    `${filtered} left out by settings`,
    ...(dead.letters > 0 ? [`${dead.letters} dead letters`] : []),
  ]
  const reason = state === 'failing' || state === 'retrying' ? `. ${error?.reason ?? ''}` : ''
  return texts.join(', ') + reason
}

const showRejected = ({ count, rejected }) => {
  byId('rejected').hidden = count === 0
  byId('rejected-count').textContent = count
  for (const { id, at_ms, problems, payload } of rejected.toReversed()) {
    if (id <= lastRejected) continue
    lastRejected = id
    const card = {
      what: problems.map(({ message }) => message).join(' '),
      where: problems.map(({ path }) => path || 'body').join(', '),
      size: bytesText(payload.length),
      time: at_ms,
      lines: [payload],
    }
    addCard(byId('rejected-list'), card, { isOpen: false, keep: 3 })
  }
}
