import { html } from 'hono/html'

type Page = ReturnType<typeof html>

/** A page that says one thing. All that is put into it is escaped. */
export const callbackPage = (said: {
  title: string
  text: string
  nonce: string
}): Page => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>${said.title}</title>
    <style nonce="${said.nonce}">
      :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
      body { max-width: 32rem; margin: 20vh auto; padding: 0 1rem; overflow-wrap: anywhere }
    </style>
  </head>
  <body>
    <h1>${said.title}</h1>
    <p>${said.text}</p>
  </body>
</html>
`

/** Nothing may be loaded, framed, sent or kept: the page's address holds the code. */
export const pageHeaders = (nonce: string): Record<string, string> => ({
  'content-security-policy': `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
})
