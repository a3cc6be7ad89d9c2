import type { Browser, BrowserContext, Page } from 'playwright-core'

export interface Books {
  /** Calls that the page made, each for one event. */
  calls: { name: string; type: string; mpid: string }[]
  /** Batches that the SDK made. */
  batches: { mpid: string; events: { type: string; id: string }[] }[]
  /** Answers to the page's identity calls. */
  answers: { method: string; status: number; mpid: string }[]
}

/** A visitor of the shop, and what the visitor's console said. */
export interface Shopper {
  context: BrowserContext
  page: Page
  /** Runs code in the page and tells what came of it. */
  does: <T>(code: string) => Promise<T>
  errors: string[]
  /** The page's books, also after it is closed. */
  books: () => Promise<Books>
}

export const openShop = async (
  browser: Browser,
  origin: string,
  config: object
): Promise<Shopper> => {
  const context = await browser.newContext()
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (line) => {
    if (line.type() === 'error') errors.push(line.text())
  })
  await page.goto(origin)
  await page.evaluate(`visit.start(${JSON.stringify(config)})`)
  return {
    context,
    page,
    does: (code) => page.evaluate(code),
    errors,
    books: async () => {
      const reader = await context.newPage()
      await reader.goto(`${origin}/blank`)
      const book = (name: string) => `JSON.parse(localStorage.getItem('${name}') ?? '[]')`
      const books = await reader.evaluate(
        `({ calls: ${book('calls')}, batches: ${book('batches')}, answers: ${book('answers')} })`
      )
      await reader.close()
      return books as Books
    },
  }
}
