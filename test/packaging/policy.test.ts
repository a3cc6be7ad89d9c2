import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { snippet } from '../../sdk/browser/snippet'
import { launch, startSite } from '../sdk/harness'

it('runs under the content security policy of the README', {
  timeout: 40_000,
}, async () => {
  const [, told = ''] =
    /^(script-src '[^`]*)```/ms.exec(readFileSync('sdk/README.md', 'utf8')) ?? []
  const [browser, site] = await Promise.all([launch(), startSite()])
  const page = await browser.newPage()
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  const posted: string[] = []
  await page.route('**/in/*', async (route) => {
    posted.push(route.request().url())
    await route.fulfill({ status: 202 })
  })
  const policy = `default-src 'none'; ${told.replaceAll('https://YOUR-WORKER', site.origin)}`
  const html = `<meta http-equiv="Content-Security-Policy"
      content="${policy.trim()}; require-trusted-types-for 'script'">
    <script>${snippet}</script><script async src="/weir.js" data-key="test-key"></script>`
  await page.goto(site.page(html))
  await page.waitForFunction("'init' in weir")
  expect(await page.evaluate('weir.flush()')).toBe(true)
  expect(posted).toEqual([`${site.origin}/in/test-key`])
  expect(complaints).toEqual([])
  await browser.close()
  site.close()
})
