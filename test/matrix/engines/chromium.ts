import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BrowserContext, chromium as launcher, type Page as Tab } from 'playwright-core'
import { family, killAll, ownProcesses } from '../processes'
import type { Browser, Engine, Page, StartOptions } from './engine'

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'

const BLOCK = 2

const blockStorage = (profile: string) => {
  const preferences = { profile: { default_content_setting_values: { cookies: BLOCK } } }
  mkdirSync(join(profile, 'Default'), { recursive: true })
  writeFileSync(join(profile, 'Default/Preferences'), JSON.stringify(preferences))
}

const pageOf = (tab: Tab): Page => ({
  evaluate: (script) => tab.evaluate(script),
  close: () => tab.close(),
  crash: async () => {
    const crashed = tab.waitForEvent('crash')
    // Never answers.
    tab.goto('chrome://crash').catch(() => {})
    await crashed
  },
  setOffline: (isOffline) => tab.context().setOffline(isOffline),
})

const browserOf = (context: BrowserContext, profile: string): Browser => ({
  version: `Chromium ${context.browser()?.version()}`,
  open: async (url) => {
    const tab = await context.newPage()
    await tab.goto(url)
    return pageOf(tab)
  },
  kill: async () => {
    const main = ownProcesses(profile).filter(({ command }) => !command.includes('--type='))
    await killAll(main.flatMap(({ pid }) => family(pid)))
  },
  close: () => context.close(),
})

export const chromium: Engine = {
  name: 'chromium',
  missing: () => (existsSync(executablePath) ? undefined : executablePath),
  start: async ({ profile, isStorageBlocked }: StartOptions) => {
    if (isStorageBlocked) blockStorage(profile)
    const context = await launcher.launchPersistentContext(profile, { executablePath })
    return browserOf(context, profile)
  },
  notes: {},
}
