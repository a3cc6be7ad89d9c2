import { liveList } from './live/list'
import { openStream } from './live/stream'

const find = <T extends Element>(selector: string, type: new () => T): T => {
  const found = document.querySelector(selector)
  if (!(found instanceof type)) throw new Error(`The page has no ${selector}.`)
  return found
}

const form = find('#live-filter', HTMLFormElement)
const state = find('#live-state', HTMLElement)
const pause = find('#live-pause', HTMLButtonElement)
const clear = find('#live-clear', HTMLButtonElement)

const list = liveList(find('#live-events', HTMLOListElement))
let connection = 'Connecting …'
let dropped = 0

const counted = (count: number): string => `${count} ${count === 1 ? 'event' : 'events'}`

const showState = (): void => {
  const parts = [connection]
  if (dropped > 0) parts.push(`${counted(dropped)} left out.`)
  if (list.isPaused()) parts.push(`Paused: ${counted(list.held())} held back.`)
  const text = parts.join(' ')
  if (state.textContent !== text) state.textContent = text
}

const filterIn = (): Record<string, string> => {
  const filter: Record<string, string> = {}
  for (const [name, value] of new FormData(form)) {
    if (typeof value === 'string' && value.trim() !== '') filter[name] = value.trim()
  }
  return filter
}

const stream = openStream({
  filter: filterIn,
  onState: (text) => {
    connection = text
    showState()
  },
  onShown: (shown) => {
    list.add(shown.samples)
    dropped += shown.dropped
    showState()
  },
})

form.addEventListener('submit', (event) => {
  event.preventDefault()
  const filter = filterIn()
  history.replaceState(null, '', `?${new URLSearchParams(filter)}`)
  list.clear()
  stream.watch()
  showState()
})

pause.addEventListener('click', () => {
  const isPaused = !list.isPaused()
  list.pause(isPaused)
  pause.setAttribute('aria-pressed', String(isPaused))
  showState()
})

clear.addEventListener('click', () => {
  list.clear()
  dropped = 0
  showState()
})
