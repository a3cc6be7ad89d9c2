import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { family, killAll } from '../processes'
import { type Connection, connect } from './bidi'
import type { Browser, Engine, Page, StartOptions } from './engine'

const executablePath = process.env.FIREFOX_PATH ?? '/usr/bin/firefox-esr'

const REJECT_COOKIES_AND_SITE_DATA = 2

/** Preferences beside those that Firefox sets by itself when it is driven. */
const preferences = ({ isMortal, isStorageBlocked }: StartOptions) => ({
  'browser.sessionstore.resume_from_crash': false,
  'browser.shell.checkDefaultBrowser': false,
  'toolkit.startup.max_resumed_crashes': -1,
  // All sites share one process.
  'fission.webContentIsolationStrategy': 0,
  // What they would wait for is a next tab: with them killed too, it may never open.
  ...(isMortal && { 'dom.ipc.processPrelaunch.enabled': false }),
  ...(isStorageBlocked && { 'network.cookie.cookieBehavior': REJECT_COOKIES_AND_SITE_DATA }),
})

const writePreferences = (options: StartOptions) => {
  const lines = Object.entries(preferences(options)).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`
  )
  writeFileSync(join(options.profile, 'user.js'), lines.join(''))
}

/** Where Firefox says that it can be driven. */
const addressOf = async ({ stderr }: ChildProcess): Promise<string> => {
  if (!stderr) throw new Error('Firefox has no output')
  for await (const line of createInterface(stderr)) {
    const address = /^WebDriver BiDi listening on (ws:.*)$/.exec(line)?.[1]
    if (address) return `${address}/session`
  }
  throw new Error('Firefox ended')
}

const pageOf = (connection: Connection, context: string, pid: number): Page => {
  const evaluate = async (script: string) => {
    // As JSON: BiDi has a form of its own for each kind of value.
    const expression = `(async () => JSON.stringify(await eval(${JSON.stringify(script)})))()`
    const params = { expression, target: { context }, awaitPromise: true }
    const answer = await connection.send('script.evaluate', params)
    const { result, exceptionDetails } = answer as {
      result?: { value?: string }
      exceptionDetails?: { text: string }
    }
    if (exceptionDetails) throw new Error(exceptionDetails.text)
    return result?.value === undefined ? undefined : JSON.parse(result.value)
  }
  return {
    evaluate,
    close: async () => {
      await connection.send('browsingContext.close', { context })
    },
    crash: () => killAll(family(pid).filter(({ name }) => name === 'Web Content')),
    setOffline: async (isOffline) => {
      const networkConditions = isOffline ? { type: 'offline' } : null
      const params = { networkConditions, contexts: [context] }
      await connection.send('emulation.setNetworkConditions', params)
      if (!isOffline) await evaluate("void dispatchEvent(new Event('online'))")
    },
  }
}

const browserOf = async (child: ChildProcess, connection: Connection): Promise<Browser> => {
  const pid = child.pid ?? 0
  const ended = once(child, 'exit')
  const { capabilities } = await connection.send('session.new', { capabilities: {} })
  return {
    version: `Firefox ${(capabilities as { browserVersion: string }).browserVersion}`,
    open: async (url) => {
      const { context } = await connection.send('browsingContext.create', { type: 'tab' })
      const params = { context, url, wait: 'complete' }
      await connection.send('browsingContext.navigate', params)
      return pageOf(connection, String(context), pid)
    },
    kill: async () => {
      await killAll(family(pid))
      connection.close()
    },
    close: async () => {
      await connection.send('browser.close', {})
      await ended
    },
  }
}

export const firefox: Engine = {
  name: 'firefox',
  missing: () => (existsSync(executablePath) ? undefined : executablePath),
  start: async (options: StartOptions) => {
    writePreferences(options)
    const args = ['--headless', '--no-remote', '--profile', options.profile]
    const child = spawn(executablePath, [...args, '--remote-debugging-port', '0', 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const connection = await connect(await addressOf(child))
    // Its output is not read any more, and a full pipe would block it.
    child.stderr?.resume()
    return browserOf(child, connection)
  },
  // A page that was loaded while offline is not told: a gap of the emulation, not of Firefox.
  notes: { offline: 'the event `online` is fired by the driver' },
}
