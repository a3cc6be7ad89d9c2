import { existsSync } from 'node:fs'
import { join } from 'node:path'
import puppeteer, { type Browser as Remote, type Page as Tab } from 'puppeteer-core'
import { family, killAll } from '../processes'
import { until } from '../wait'
import type { Browser, Engine, Page, StartOptions } from './engine'

const executablePath = process.env.FIREFOX_PATH ?? '/usr/bin/firefox-esr'

const REJECT_COOKIES_AND_SITE_DATA = 2

const pageOf = (tab: Tab, pid: number): Page => ({
  evaluate: (script) => tab.evaluate(script),
  close: () => tab.close(),
  // Puppeteer has all sites share one.
  crash: () => killAll(family(pid).filter(({ name }) => name === 'Web Content')),
  setOffline: async (isOffline) => {
    await tab.setOfflineMode(isOffline)
    if (!isOffline) await tab.evaluate("void dispatchEvent(new Event('online'))")
  },
})

const browserOf = async (remote: Remote, profile: string): Promise<Browser> => {
  const main = remote.process()
  const pid = main?.pid ?? 0
  return {
    version: (await remote.version()).replace('firefox/', 'Firefox '),
    open: async (url) => {
      const tab = await remote.newPage()
      await tab.goto(url)
      return pageOf(tab, pid)
    },
    kill: async () => {
      await killAll(family(pid))
      // Puppeteer puts the profile's own preferences back; the next start must not cross that.
      await until('the profile is free', () => !existsSync(join(profile, 'prefs.js.puppeteer')))
    },
    close: () => remote.close(),
  }
}

export const firefox: Engine = {
  name: 'firefox',
  missing: () => (existsSync(executablePath) ? undefined : executablePath),
  start: async ({ profile, isMortal, isStorageBlocked }: StartOptions) => {
    const remote = await puppeteer.launch({
      browser: 'firefox',
      executablePath,
      userDataDir: profile,
      extraPrefsFirefox: {
        // What they would wait for is a next tab: with them killed too, it may never open.
        ...(isMortal && { 'dom.ipc.processPrelaunch.enabled': false }),
        ...(isStorageBlocked && { 'network.cookie.cookieBehavior': REJECT_COOKIES_AND_SITE_DATA }),
      },
    })
    return browserOf(remote, profile)
  },
  // A page that was loaded while offline is not told: a gap of the emulation, not of Firefox.
  notes: { offline: 'the event `online` is fired by the driver' },
}
