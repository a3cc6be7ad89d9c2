import { html } from 'hono/html'

type Page = ReturnType<typeof html>

interface PageContent {
  title: string
  text: string
  /** Of the content security policy. */
  nonce: string
}

/** A page with a title and a text, which are escaped. */
export const callbackPage = ({ title, text, nonce }: PageContent): Page => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>${title}</title>
    <style nonce="${nonce}">
      :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
      body { max-width: 32rem; margin: 20vh auto; padding: 0 1rem; overflow-wrap: anywhere }
    </style>
  </head>
  <body>
    <h1>${title}</h1>
    <p>${text}</p>
  </body>
</html>
`

/** Nothing may be loaded, framed, sent or cached: the page's address contains the code. */
export const pageHeaders = (nonce: string): Record<string, string> => ({
  'content-security-policy': `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
})
