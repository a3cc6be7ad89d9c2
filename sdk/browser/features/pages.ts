import type { Feature } from '../core'
import { recordView } from '../events'

/**
 * Records a screen view for the page and, in a single-page app, for each address it changes to. Its
 * name is the path, for titles change later than addresses.
 */
export const pages =
  (): Feature<object> =>
  ({ record, closed, on }) => {
    if (closed.aborted) return {}
    let seen = ''

    const look = () => {
      const { pathname, search, hash } = location
      // Some apps keep their routes there: #/ or #!. Else it is a place in the page.
      const path = pathname + (/^#[/!]/.test(hash) ? hash : '')
      if (path + search === seen) return
      seen = path + search
      recordView(record, path)
    }

    const { navigation } = globalThis
    if (navigation) navigation.addEventListener('currententrychange', look)
    else {
      on('popstate', look)
      for (const name of ['pushState', 'replaceState'] as const) {
        const change = history[name]
        history[name] = (...args) => {
          change.apply(history, args)
          look()
        }
      }
    }
    // A page that comes back from the back/forward cache is seen again.
    on('pagehide', () => {
      seen = ''
    })
    on('pageshow', look)
    look()
    return {}
  }
