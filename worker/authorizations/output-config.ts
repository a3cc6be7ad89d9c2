import type { ConfigKeys } from '../config/seal'
import { openSettings } from '../config/secrets'
import type { Output } from '../config/workspace-file'
import type { OAuthConfig } from './oauth2'

const filled = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/**
 * The OAuth2 configuration of an output; undefined when its integration needs no tokens.
 *
 * @param settings the output's, with secrets opened
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

/** Opens the secrets of an output and returns its OAuth2 configuration. */
export const openOAuthConfig = async (
  output: Output,
  keys: ConfigKeys
): Promise<OAuthConfig | undefined> => oauthConfigOf(output, await openSettings(output, keys))
