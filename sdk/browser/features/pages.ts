import type { Feature } from '../core'
import { recordView } from '../events'

/**
 * Records a screen view of the page and, in a single-page app, of each change of address. The name
 * is the path, because titles change later than addresses.
 */
export const pages =
  (): Feature<object> =>
  ({ record, closed, on }) => {
    if (closed.aborted) return {}
    let lastViewed = ''

    const recordIfChanged = () => {
      const { pathname, search, hash } = location
      // Some apps have their routes in the fragment, after #/ or #!. Else it is a position in the
      // page.
      const path = pathname + (/^#[/!]/.test(hash) ? hash : '')
      if (path + search === lastViewed) return
      lastViewed = path + search
      recordView(record, path)
    }

    const { navigation } = globalThis
    if (navigation) navigation.addEventListener('currententrychange', recordIfChanged)
    else {
      on('popstate', recordIfChanged)
      for (const name of ['pushState', 'replaceState'] as const) {
        const change = history[name]
        history[name] = (...args) => {
          change.apply(history, args)
          recordIfChanged()
        }
      }
    }
    // A return from the back/forward cache is a new view.
    on('pagehide', () => {
      lastViewed = ''
    })
    on('pageshow', recordIfChanged)
    recordIfChanged()
    return {}
  }
