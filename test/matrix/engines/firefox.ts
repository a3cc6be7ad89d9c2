import { execFileSync } from 'node:child_process'
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
  // All of its content processes: which one is this tab's, their commands do not tell.
  crash: () => killAll(family(pid).filter(({ command }) => command.includes('-isForBrowser'))),
  setOffline: (isOffline) => tab.setOfflineMode(isOffline),
})

const browserOf = (remote: Remote, profile: string): Browser => {
  const main = remote.process()
  const pid = main?.pid ?? 0
  return {
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
  version: () => String(execFileSync(executablePath, ['--version'])),
  start: async ({ profile, isStorageBlocked }: StartOptions) => {
    const remote = await puppeteer.launch({
      browser: 'firefox',
      executablePath,
      userDataDir: profile,
      extraPrefsFirefox: isStorageBlocked
        ? { 'network.cookie.cookieBehavior': REJECT_COOKIES_AND_SITE_DATA }
        : {},
    })
    return browserOf(remote, profile)
  },
  notes: {},
}
