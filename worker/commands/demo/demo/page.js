import { acts } from './acts.js'
import { watchArrivals } from './arrivals.js'
import { calls } from './calls.js'
import { watchDeployment } from './deployment.js'

const { weir } = window
const last = document.getElementById('last')
const uploaded = document.getElementById('uploaded')

const textOf = (value) =>
  value instanceof Error ? `new ${value.name}('${value.message}')` : JSON.stringify(value)

const remarks = {
  close: () => 'the SDK has stopped; reload the page to start it again',
  flush: (isSent) => (isSent ? 'the server accepted everything' : 'some events still wait'),
  isOptedOut: textOf,
  session: (session) => textOf(session) ?? 'none',
}

/** Calls a method of the SDK, and shows the line of code and the result. */
const call = async (method, ...args) => {
  const answer = await weir[method](...args)
  const remark = remarks[method]?.(answer) ?? ''
  return `weir.${method}(${args.map(textOf).join(', ')})  ${remark}`
}

const carryOut = async (name, fields) => {
  try {
    last.textContent = await (acts[name]?.() ?? call(...calls[name](fields)))
  } catch (error) {
    last.textContent = `That did not work: ${error.message}`
  }
}

const carryOutOf = (button) =>
  carryOut(button.dataset.call, Object.fromEntries(new FormData(button.form)))

document.addEventListener('click', ({ target }) => {
  const button = target.closest?.('button[data-call]')
  if (button) void carryOutOf(button)
})

// The Enter key, in a field.
document.addEventListener('submit', (event) => {
  event.preventDefault()
  void carryOutOf(event.target.querySelector('.primary'))
})

addEventListener('upload', ({ detail: { batch, status } }) => {
  const { events = [], request_type: kind = 'batch' } = batch
  const what = `${events.length} ${events.length === 1 ? 'event' : 'events'}`
  const outcome = status === 202 ? 'accepted' : 'dropped'
  uploaded.textContent = `Last upload: ${events.length > 0 ? what : kind}, ${outcome} (${status})`
})

const settings = await (await fetch('/demo/settings.json')).json()
void watchArrivals(settings.aws_url)
void watchDeployment(settings.admin_token)
