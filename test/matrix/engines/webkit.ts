import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { family, killAll } from '../processes'
import { until } from '../wait'
import type { Browser, Engine, Page, StartOptions } from './engine'
import { openSession, type Session } from './webdriver'

const driverPath = '/usr/bin/WebKitWebDriver'
const displayPath = '/usr/bin/Xvfb'

/** Debian puts it into a folder of the machine's architecture. */
const findBrowser = (): string => {
  const paths = readdirSync('/usr/lib').map(
    (folder) => `/usr/lib/${folder}/webkit2gtk-4.1/MiniBrowser`
  )
  return paths.find(existsSync) ?? 'MiniBrowser'
}
const executablePath = process.env.MINIBROWSER_PATH ?? findBrowser()

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill()
  await ended
}

/** A screen for a browser that has no headless mode. */
const startDisplay = async () => {
  const server = spawn(displayPath, ['-displayfd', '1', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [number] = await once(server.stdout, 'data')
  return { name: `:${String(number).trim()}`, close: () => end(server) }
}

const environment = (profile: string, display: string) => ({
  ...process.env,
  DISPLAY: display,
  HOME: profile,
  XDG_DATA_HOME: profile,
  XDG_CACHE_HOME: profile,
  XDG_CONFIG_HOME: profile,
})

const drivenPage = (session: Session, handle: string): Page => {
  const evaluate = (script: string) => session.evaluate(handle, script)
  return {
    evaluate,
    close: () => session.closeWindow(handle),
    crash: () => Promise.reject(new Error('would end the session')),
    setOffline: async (isOffline) => {
      await evaluate(`pretendOffline(${isOffline})`)
    },
  }
}

const startDriven = async ({ profile, isStorageBlocked }: StartOptions): Promise<Browser> => {
  const display = await startDisplay()
  const port = await freePort()
  const driver = spawn(driverPath, [`--port=${port}`], {
    env: environment(profile, display.name),
    stdio: 'ignore',
  })
  const origin = `http://127.0.0.1:${port}`
  const isReady = () =>
    fetch(`${origin}/status`).then(
      ({ ok }) => ok,
      () => false
    )
  await until('WebKitWebDriver answers', isReady)
  const args = ['--automation', ...(isStorageBlocked ? ['--enable-html5-local-storage=false'] : [])]
  const session = await openSession(origin, {
    'webkitgtk:browserOptions': { binary: executablePath, args },
  })
  const stop = async () => {
    await end(driver)
    await display.close()
  }
  return {
    version: `WebKitGTK ${session.version}`,
    open: async (url) => drivenPage(session, await session.openWindow(url)),
    kill: async () => {
      await killAll(family(driver.pid ?? 0))
      await stop()
    },
    close: async () => {
      await session.end()
      await stop()
    },
  }
}

/** A page that goes where it is told to, once: the way to open a tab without a driver. */
const startSpare = async () => {
  let address: string | undefined
  let waiting: ServerResponse | undefined
  const answer = () => {
    if (address && waiting) waiting.writeHead(200).end(address)
  }
  const server = createServer((request, response) => {
    if (request.url === '/next') {
      waiting = response
      return answer()
    }
    const script = "fetch('/next').then((it) => it.text()).then((url) => { location.href = url })"
    response.writeHead(200, { 'content-type': 'text/html' }).end(`<script>${script}</script>`)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    isOpen: () => Boolean(waiting),
    go: (url: string) => {
      address = url
      answer()
    },
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

const notDriven = () => Promise.reject(new Error('has no driver'))

const startMortal = async ({ profile }: StartOptions): Promise<Browser> => {
  const display = await startDisplay()
  const spare = await startSpare()
  let browser: ChildProcess | undefined
  const members = () => (browser ? family(browser.pid ?? 0) : [])
  const contents = () => members().filter(({ command }) => command.includes('WebKitWebProcess'))
  const kill = async () => {
    await killAll(members())
    spare.close()
    await display.close()
  }
  const page: Page = {
    evaluate: notDriven,
    close: notDriven,
    setOffline: notDriven,
    // The first page's process is the oldest, the spare page's the next.
    crash: () => killAll(contents().slice(0, 1)),
  }
  return {
    version: 'WebKitGTK',
    open: async (url) => {
      if (browser) spare.go(url)
      else {
        browser = spawn(executablePath, [url, spare.url], {
          env: environment(profile, display.name),
          stdio: 'ignore',
        })
        await until('both pages are open', () => spare.isOpen())
      }
      return page
    },
    kill,
    close: kill,
  }
}

export const webkit: Engine = {
  name: 'webkit',
  missing: () => [driverPath, displayPath, executablePath].find((path) => !existsSync(path)),
  start: (options) => (options.isMortal ? startMortal(options) : startDriven(options)),
  notes: { offline: '`navigator.onLine` is overridden, the network is not cut' },
}
