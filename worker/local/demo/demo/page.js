import { watchArrivals } from './arrivals.js'
import { batches, garbage } from './batches.js'
import { watchDeployment } from './deployment.js'

const key = 'demo-web-key'
const { weir } = window
const last = document.getElementById('last')
const say = (text) => {
  last.textContent = text
}

/** Calls a method of the SDK and shows the line that does the same. */
const call = (method, ...args) => {
  say(`weir.${method}(${args.map((arg) => JSON.stringify(arg)).join(', ')})`)
  return weir[method](...args)
}

const valuesOf = (name) =>
  Object.fromEntries(new FormData(document.querySelector(`[data-form="${name}"]`)))

// The SDK's own names: what is posted by hand shall come from the same device and user.
const stored = (name) => localStorage.getItem(`weir:${key}:${name}`)
const device = stored('device') ?? crypto.randomUUID()

const post = async (body) => {
  const response = await fetch(`/webevents/v3/JS/${key}/events`, { method: 'POST', body })
  await response.text()
  return response.status
}

const postBatch = async (name) => {
  const batch = {
    source_request_id: crypto.randomUUID(),
    environment: 'production',
    mp_deviceid: stored('device') ?? device,
    application_info: { application_name: 'Demo', application_version: '1.0.0' },
    device_info: { platform: 'web' },
    user_identities: JSON.parse(stored('identities') || '{}'),
    ...batches[name](),
  }
  const status = await post(JSON.stringify(batch))
  const what = batch.events.map((one) => one.event_type).join(', ') || 'consent_state'
  say(`POST /webevents/v3/JS/${key}/events  ${what}  ${status}`)
}

const calls = {
  burst: () => {
    for (let i = 1; i <= 100; i += 1) weir.track('Scrolled', { percent: i })
    say("for (let i = 1; i <= 100; i += 1) weir.track('Scrolled', { percent: i })")
  },
  signOut: () => call('identify', { customer_id: null, email: null }),
  attributes: () =>
    call('setUserAttributes', {
      plan: valuesOf('user').plan,
      interests: ['gardening', 'rivers'],
      'beta tester': null,
    }),
  page: () => call('page', 'Demo', { section: 'start' }),
  flush: async () => {
    const isTaken = await call('flush')
    say(`weir.flush()  ${isTaken ? 'the server has taken everything' : 'something still waits'}`)
  },
  close: () => {
    call('close')
    say('weir.close()  the SDK has stopped; reload the page to start it again')
  },
  garbage: async () => {
    const statuses = await Promise.all(garbage().map(post))
    say(`POST /webevents/v3/JS/${key}/events  ${statuses.join(', ')}  see Rejected below`)
  },
}

const submits = {
  event: () => {
    const { name, attribute, value } = valuesOf('event')
    call('track', name, { [attribute]: value })
  },
  user: () => {
    const { customer_id, email } = valuesOf('user')
    call('identify', { customer_id: customer_id || null, email: email || null })
  },
}

const carryOut = async (act) => {
  try {
    await act()
  } catch (error) {
    say(`That did not work: ${error.message}`)
  }
}

document.addEventListener('submit', (event) => {
  event.preventDefault()
  void carryOut(submits[event.target.dataset.form])
})

document.addEventListener('click', ({ target }) => {
  const { call: name, batch } = target.closest?.('button')?.dataset ?? {}
  if (name) void carryOut(calls[name])
  if (batch) void carryOut(() => postBatch(batch))
})

const settings = await (await fetch('/demo/settings.json')).json()
void watchArrivals(settings.aws_url)
void watchDeployment(settings.admin_token)
