import { raw } from 'hono/html'
import type { Child } from 'hono/jsx'
import type { Session } from './env'
import { type PageId, pages } from './navigation'

interface DocumentProps {
  title: string
  root: string
  /** Names of modules in `page/` that the page loads. */
  scripts?: string[] | undefined
  children: Child
}

/** The frame of all pages, signed in or not. */
export const Document = ({ title, root, scripts = [], children }: DocumentProps) => (
  <>
    {raw('<!DOCTYPE html>')}
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · weir`}</title>
        <link rel="icon" href={`${root}/icon.svg`} type="image/svg+xml" />
        <link rel="stylesheet" href={`${root}/console.css`} />
        {['console', ...scripts].map((name) => (
          <script type="module" src={`${root}/${name}.js`} />
        ))}
      </head>
      <body>{children}</body>
    </html>
  </>
)

interface PageProps {
  title: string
  active: PageId
  session: Session
  scripts?: string[]
  children: Child
}

/** A page for a signed-in person, with navigation. Its children go into `<main>`, below the heading. */
export const Page = ({ title, active, session, scripts, children }: PageProps) => (
  <Document title={title} root={session.root} scripts={scripts}>
    <a class="skip" href="#main">
      Skip to content
    </a>
    <header class="bar">
      <a class="brand" href={session.root}>
        weir
      </a>
      <nav aria-label="Pages">
        <ul>
          {pages.map(({ id, path, label }) => (
            <li>
              <a href={`${session.root}${path}`} aria-current={id === active ? 'page' : undefined}>
                {label}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <SignedIn session={session} />
    </header>
    <main id="main" tabindex={-1}>
      <h1>{title}</h1>
      {children}
    </main>
  </Document>
)

const SignedIn = ({ session: { who, by, root } }: { session: Session }) => (
  <div class="who">
    <span>
      <span class="unseen">Signed in as </span>
      {who}
    </span>
    {by === 'token' ? (
      <form method="post" action={`${root}/sign-out`}>
        <button type="submit" class="quiet">
          Sign out
        </button>
      </form>
    ) : null}
  </div>
)
