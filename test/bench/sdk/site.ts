import type { Contender } from './contenders'
import { listen } from './stub'

// Isolated from other origins, a page may tell time to 5 µs instead of 100.
const headers = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
}

// As a shop's: of five attributes, three differ from event to event.
const attributes = `benchAttributes = (index) => ({
  sku: 'W-' + ((index * 37) % 1000),
  price: ((index * 7919) % 10000) / 100,
  quantity: 1 + (index % 5),
  category: 'Garden',
  is_gift: false,
})`

// What a page's own scripts have the browser set up, once for all scripts: elements, storage, the
// navigator, and how V8 keeps numbers as text.
const used = `benchUsed = [document.currentScript.dataset.key, localStorage.getItem('bench'),
  navigator.onLine, navigator.locks, String(Date.now()), String(Date.now() + 1)]`

/** Markup that loads an SDK. */
const markup = ({ before = '', start }: Contender, index: number, stub: string): string =>
  [
    '<!doctype html><title>Shop</title>',
    `<script>STUB = '${stub}'; ${attributes}; ${before}</script>`,
    `<script src="/${index}.js"></script>`,
    `<script>${start}</script>`,
  ].join('\n')

/** A web site with a page for each SDK, once as the only script and once after others. */
export const startSite = async (contenders: Contender[], stub: string) => {
  const files = new Map<string, string | Buffer>()
  for (const [index, contender] of contenders.entries()) {
    const page = markup(contender, index, stub)
    files.set(`/${index}.js`, contender.script)
    files.set(`/${index}`, page)
    files.set(`/${index}/used`, `<!doctype html><script>${used}</script>\n${page}`)
  }
  const server = await listen((request, response) => {
    const path = request.url ?? '/'
    const type = path.endsWith('.js') ? 'text/javascript' : 'text/html'
    response.writeHead(200, { ...headers, 'content-type': type }).end(files.get(path) ?? '')
  })
  return {
    close: server.close,
    /** Address of a page; of none, of one that is blank. */
    addressOf: (contender?: Contender, page: 'used' | '' = ''): string => {
      if (!contender) return `${server.origin}/blank`
      return `${server.origin}/${contenders.indexOf(contender)}${page && `/${page}`}`
    },
  }
}

export type Site = Awaited<ReturnType<typeof startSite>>
