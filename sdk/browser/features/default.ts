import type { Client } from '../api'
import type { ClientOptions } from '../options'
import { campaign } from './campaign'
import { commerce } from './commerce'
import { errors } from './errors'
import { pages } from './pages'
import { people } from './people'
import { type PrivacyOptions, privacy } from './privacy'
import { type SessionsOptions, sessions } from './sessions'

/** What the script tag's `init` takes besides. */
export interface ScriptOptions extends ClientOptions {
  /** When sessions are over. */
  sessions?: SessionsOptions
  /** Which signals of the browser are obeyed. By default none. */
  privacy?: PrivacyOptions
  /** Screen views, also of single-page apps. Default `true`. */
  pages?: boolean
  /** Errors that nobody handled. Default `true`. */
  errors?: boolean
  /** Campaign parameters and referrers, as attributes. Default `true`. */
  campaign?: boolean
}

/**
 * The features that the script has, but for {@link pages}, which come last: they record at once.
 * Privacy comes first: where it is asked for, nothing starts.
 */
export const useQuiet = (client: Client, options: ScriptOptions) => {
  const all = client
    .use(privacy(options.privacy))
    .use(sessions(options.sessions))
    .use(people())
    .use(commerce())
    .use(errors({ uncaught: options.errors }))
  if (options.campaign !== false) client.use(campaign())
  return all
}

/** The features that the script has. */
export const useDefault = (client: Client, options: ScriptOptions) => {
  const all = useQuiet(client, options)
  if (options.pages !== false) client.use(pages())
  return all
}
