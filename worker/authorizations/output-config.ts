import type { ConfigKeys } from '../config/seal'
import { openSettings } from '../config/secrets'
import type { Output } from '../config/workspace-file'
import type { OAuthConfig } from './oauth2'

const filled = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/**
 * How an output gets its tokens; undefined when its integration asks for none.
 *
 * @param settings the output's, opened
 */
export const oauthConfigOf = (
  output: Output,
  settings: Record<string, unknown>
): OAuthConfig | undefined => {
  const { registration } = output
  const authentication =
    registration?.event_processing_registration?.authentication ??
    registration?.audience_processing_registration?.authentication
  return (
    authentication && {
      authentication,
      client_id: filled(settings.oauth_client_id) ?? authentication.client_id ?? '',
      client_secret: filled(settings.oauth_client_secret),
    }
  )
}

/** The same of an output whose secrets are sealed. */
export const openOAuthConfig = async (
  output: Output,
  keys: ConfigKeys
): Promise<OAuthConfig | undefined> => oauthConfigOf(output, await openSettings(output, keys))
