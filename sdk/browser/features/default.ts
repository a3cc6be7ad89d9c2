import type { Client } from '../api'
import type { ClientOptions } from '../options'
import { campaign } from './campaign'
import { commerce } from './commerce'
import { errors } from './errors'
import { pages } from './pages'
import { people } from './people'
import { type PrivacyOptions, privacy } from './privacy'
import { type SessionsOptions, sessions } from './sessions'

/** The options of the script's `init`. */
export interface ScriptOptions extends ClientOptions {
  /** When sessions end. */
  sessions?: SessionsOptions
  /** Which of the browser's privacy signals are obeyed. Default: none. */
  privacy?: PrivacyOptions
  /** Record screen views, also of single-page apps. Default `true`. */
  pages?: boolean
  /** Record uncaught errors. Default `true`. */
  errors?: boolean
  /** Add campaign parameters and referrers as attributes. Default `true`. */
  campaign?: boolean
}

/**
 * Adds the script's features except {@link pages}, which has to be last, because it records at
 * once. Privacy is first, because with the signals of a browser it stops everything.
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

/** Adds all features of the script `weir.js`. */
export const useDefault = (client: Client, options: ScriptOptions) => {
  const all = useQuiet(client, options)
  if (options.pages !== false) client.use(pages())
  return all
}
