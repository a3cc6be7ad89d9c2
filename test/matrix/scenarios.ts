import type { Page } from './engines/engine'
import type { Pace, Stage } from './stage'
import { pause, until } from './wait'

/** What a scenario did and saw. Whatever else it finds wrong it throws. */
export interface Sight {
  sent: number
  /** Events that arrived only after the site had been opened again. */
  late?: number
  /** From the end of the trouble to the arrival of the last event. */
  recoveredMs?: number
}

type Act = (stage: Stage) => Promise<Sight>

export interface Scenario {
  title: string
  run: Act
  /** The page that is left sends all that it has: nothing waits for a next one. */
  isPrompt?: boolean
}

const HOUR_MS = 3_600_000

/** Runs in a task of its own: a page that leaves never answers its driver. */
const soon = (script: string) => `void setTimeout(() => { ${script} })`

const leave = ({ site }: Stage) => `location.href = '${site.page({})}';`

const check = (isSo: boolean, what: string) => {
  if (!isSo) throw new Error(what)
}

const close =
  (sent: number): Act =>
  async (stage) => {
    const page = await stage.open({ script: stage.init() })
    await page.evaluate(`track(${sent})`)
    await page.close()
    return { sent, late: await stage.reopen(sent) }
  }

const navigate: Act = async (stage) => {
  const page = await stage.open({ script: stage.init() })
  await page.evaluate(soon(`track(10); ${leave(stage)}`))
  return { sent: 10, late: await stage.reopen(10) }
}

const bounce: Act = async (stage) => {
  const landing = stage.site.page({ script: `${stage.init()} track(10); ${leave(stage)}` })
  const hub = await stage.open({})
  await hub.evaluate(soon(`location.href = '${landing}'`))
  return { sent: 10, late: await stage.reopen(10) }
}

/** Lets the SDK try in vain, and the trouble last its time. */
const sitOut = async (page: Page, ms: number) => {
  check((await page.evaluate('weir.flush()')) === false, 'found no trouble')
  await pause(ms)
}

const down: Act = async (stage) => {
  const { collector, pace } = stage
  const page = await stage.open({ script: stage.init() })
  await collector.stop()
  await page.evaluate('track(10)')
  await sitOut(page, pace.downMs)
  await collector.start()
  return { sent: 10, recoveredMs: await stage.drain(page, 10) }
}

const errorSpell =
  (status: number, retryAfter = (_: Pace) => 0): Act =>
  async (stage) => {
    const { collector, pace } = stage
    const page = await stage.open({ script: stage.init() })
    const waitSeconds = retryAfter(pace)
    const headers = { 'retry-after': String(waitSeconds) }
    collector.answer(waitSeconds ? { status, headers } : { status })
    await page.evaluate('track(10)')
    await sitOut(page, pace.spellMs)
    collector.answer({ status: 202 })
    const recoveredMs = await stage.drain(page, 10)
    const times = collector.uploads.map(({ atMs }) => atMs)
    const gaps = times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0))
    check(Math.min(...gaps) >= waitSeconds * 1000, `asked again too soon: ${gaps} ms`)
    return { sent: 10, recoveredMs }
  }

const offline: Act = async (stage) => {
  const { site } = stage
  const files = ['/weir.js', '/guard.js']
  const page = await stage.open({
    script: `${stage.init()}
      const files = [...${JSON.stringify(files)}, location.pathname, location.pathname + '.js']
      const query = new URLSearchParams(files.map((file) => ['file', file]))
      navigator.serviceWorker.register('/service-worker.js?' + query)
      navigator.serviceWorker.addEventListener('controllerchange', () => tell('cached', true))`,
  })
  await until('the page is cached', () => site.told('cached') === true)
  await stage.drain(page, 0)
  try {
    await page.setOffline(true)
    await page.evaluate('track(5); globalThis.isOld = true')
    await page.evaluate(soon('location.reload()'))
    const isNew = () => page.evaluate('!globalThis.isOld && !!weir.track').catch(() => false)
    await until('the page has loaded again', async () => (await isNew()) === true)
    await page.evaluate('track(5)')
    check((await page.evaluate('navigator.onLine')) === false, 'is online')
    await sitOut(page, stage.pace.spellMs)
    check(stage.received() === 0, 'sent while offline')
  } finally {
    // The other scenarios share the browser.
    await page.setOffline(false)
  }
  return { sent: 10, recoveredMs: await stage.drain(page, 10) }
}

const crash: Act = async (stage) => {
  const browser = await stage.start({ isMortal: true })
  const script = `${stage.init()} track(10); setTimeout(() => tell('tracked', true))`
  const page = await stage.open({ script }, browser)
  await until('the page has recorded', () => stage.site.told('tracked') === true)
  await page.crash()
  return { sent: 10, late: await stage.reopen(10, browser) }
}

const crashDown: Act = async (stage) => {
  const { collector, site } = stage
  const browser = await stage.start({ isMortal: true })
  await collector.stop()
  const script = `${stage.init()} track(10); weir.flush().then((isTaken) => tell('tried', isTaken))`
  const page = await stage.open({ script }, browser)
  await until('the page has tried', () => site.told('tried') === false)
  await page.crash()
  await collector.start()
  return { sent: 10, late: await stage.reopen(10, browser) }
}

/** Browsers write to the disk some time after a first change, and then now and again. */
const kill =
  (afterMs: number, ageMs = 0): Act =>
  async (stage) => {
    const { collector, site } = stage
    const browser = await stage.start({ isMortal: true })
    const script = `${stage.init()} track(1, 'w')
      weir.flush().then(() => tell('warm', stored())).then(() => heard('down')).then(() => {
        track(30)
        setTimeout(() => tell('stored', stored()))
      })`
    await stage.open({ script }, browser)
    await until('the page has sent its first event', () => site.told('warm') === 0)
    await pause(ageMs)
    await collector.stop()
    site.say('down')
    await until('the events are stored', () => Number(site.told('stored')) > 0)
    await pause(afterMs)
    await browser.kill()
    await collector.start()
    const next = await stage.start({ isMortal: true })
    return { sent: 30, late: await stage.reopen(30, next) }
  }

/** Two tabs through a spell of errors, then one closed while the server is down. */
const tabs: Act = async (stage) => {
  const { collector } = stage
  collector.answer({ status: 503 })
  const one = await stage.open({ script: stage.init() })
  const two = await stage.open({ script: stage.init() })
  await Promise.all([one.evaluate('track(60)'), two.evaluate('track(60)')])
  await until('both have tried', () => collector.uploads.length > 1)
  collector.answer({ status: 202 })
  await until('both have sent', () => stage.received() === 120)
  await collector.stop()
  await Promise.all([one.evaluate('track(20)'), two.evaluate('track(20)')])
  await one.close()
  await collector.start()
  const startMs = performance.now()
  // What the browser fires when it finds a connection again.
  await two.evaluate("void dispatchEvent(new Event('online'))")
  await stage.drain(two, 160)
  return { sent: 160, recoveredMs: performance.now() - startMs }
}

/** Some while the page is open, some as it leaves; nothing of either may need the storage. */
const sendAndLeave = (stage: Stage) =>
  `track(10); weir.flush().then(() => { track(10); ${leave(stage)} });`

const full: Act = async (stage) => {
  const fill = `for (let size = 4194304; size >= 1; size /= 2)
    try { for (let i = 0; ; i++) localStorage.setItem('page' + size + i, 'x'.repeat(size)) } catch {}`
  const page = await stage.open({ script: `${fill}; ${stage.init()}` })
  await page.evaluate(soon(sendAndLeave(stage)))
  return { sent: 20, late: await stage.reopen(20) }
}

const blocked: Act = async (stage) => {
  const browser = await stage.start({ isStorageBlocked: true })
  const attempt = "try { localStorage.length; tell('open', true) } catch { tell('open', false) }"
  await stage.open({ script: `${attempt}; ${stage.init()} ${sendAndLeave(stage)}` }, browser)
  await until('all has arrived', () => stage.received() === 20, stage.pace.graceMs).catch(() => {})
  check(stage.site.told('open') === false, 'the storage is not blocked')
  return { sent: 20 }
}

const clock: Act = async (stage) => {
  const { collector } = stage
  // The engine's own clock, and with it `new Date()`, stays right: the SDK asks for neither.
  const skew = `const now = Date.now; Date.now = () => now() + ${HOUR_MS};`
  const page = await stage.open({ script: `${skew} ${stage.init()}` })
  await page.evaluate('track(10)')
  await stage.drain(page, 10)
  for (const { atMs, batch } of collector.uploads) {
    const offMs = batch.sent_unixtime_ms - atMs
    check(Math.abs(offMs - HOUR_MS) < 10_000, `a batch says that its clock is ${offMs} ms off`)
    for (const { data } of batch.events ?? []) {
      const ageMs = batch.sent_unixtime_ms - data.timestamp_unixtime_ms
      check(ageMs >= 0 && ageMs < 60_000, `an event is ${ageMs} ms old`)
    }
  }
  return { sent: 10 }
}

const csp: Act = async (stage) => {
  const policy = `default-src 'none'; script-src 'self'; img-src 'self';
    connect-src 'self' ${stage.collector.origin};
    require-trusted-types-for 'script'; trusted-types 'none'`
  await stage.open({
    script: `${stage.init()} ${sendAndLeave(stage)}`,
    headers: { 'content-security-policy': policy.replaceAll(/\s+/g, ' ') },
  })
  return { sent: 20, late: await stage.reopen(20) }
}

const sandbox: Act = async (stage) => {
  const script = `${stage.init()} tell('origin', self.origin)
    track(10); weir.flush().then(() => { track(10); parent.postMessage('done', '*') })`
  const frame = `<iframe sandbox="allow-scripts" src="${stage.site.page({ script })}"></iframe>`
  await stage.open({ body: frame, script: `onmessage = () => { ${leave(stage)} }` })
  await until('all has arrived', () => stage.received() === 20, stage.pace.graceMs).catch(() => {})
  check(stage.site.told('origin') === 'null', 'the frame has an origin')
  return { sent: 20 }
}

/** What a test run has time for, and what each must not lose or double. */
export const quick: Record<string, Scenario> = {
  close: { title: 'a page closed right after ten events', run: close(10), isPrompt: true },
  closeBig: { title: 'a page closed right after 300 events', run: close(300) },
  navigate: { title: 'a page left in the task that recorded', run: navigate, isPrompt: true },
  bounce: { title: 'a first visit that ends in the task it began in', run: bounce, isPrompt: true },
  down: { title: 'a server that is down for a while', run: down },
  500: { title: 'a server that answers 500 for a while', run: errorSpell(500) },
  429: {
    title: 'a server that asks for patience',
    run: errorSpell(429, (pace) => pace.retryAfterSeconds),
  },
  offline: { title: 'a page that is loaded again while offline', run: offline },
  crash: { title: 'a tab that crashes', run: crash },
  crashDown: { title: 'a tab that crashes while the server is down', run: crashDown },
  tabs: { title: 'two tabs, of which one closes while the server is down', run: tabs },
  full: { title: 'a storage that is full', run: full },
  blocked: { title: 'a storage that the user blocks', run: blocked },
  clock: { title: 'a clock that is an hour fast', run: clock },
  csp: { title: 'a strict CSP with Trusted Types', run: csp, isPrompt: true },
  sandbox: { title: 'a sandboxed frame without an origin', run: sandbox },
}

export const slow: typeof quick = {
  kill75: { title: 'a browser killed 75 s after the events', run: kill(75_000, 8_000) },
}

/** Not the SDK but the browser decides what is left: measured, and never an error. */
export const chance: typeof quick = {
  kill2: { title: 'a browser killed 2 s after the first events', run: kill(2_000) },
  kill12: { title: 'a browser killed 12 s after the first events', run: kill(12_000) },
  kill12old: {
    title: 'a browser killed 12 s after events of a page 8 s old',
    run: kill(12_000, 8_000),
  },
}
