import type { Registration } from '../../../sdk/firehose/registration'
import { type Problem, problem, within } from '../../base/problem'
import { parseUrl } from '../../base/url'
import type { Values } from '../../settings'
import { checkAccess } from '../aws/access'
import type { Deployment } from '../deployment'
import { bulkOf } from './due'
import {
  readIntegrationValues,
  registeredSettings,
  subscriptionSettings,
} from './integration-settings'
import {
  addressSettings,
  type FirehoseConfiguration,
  type firehoseConnection,
  type firehoseTriggers,
} from './settings'

const invalid = (path: string, message: string): Problem =>
  problem('invalid_setting', path, message)

const addressProblems = (settings: FirehoseConfiguration, deployment: Deployment): Problem[] =>
  addressSettings.flatMap((name) => {
    const address = settings[name]
    if (!address) return []
    if (settings.lambda_arn)
      return invalid(name, `${name} must be blank where there is a lambda_arn.`)
    const parsed = parseUrl(address)
    if (parsed?.username || parsed?.password) {
      return invalid(name, `${name} must not hold a user or a password: there is the token.`)
    }
    const isSecure = parsed?.protocol === 'https:'
    if (isSecure || deployment.allowsCustomEndpoints) return []
    return invalid(name, `${name} must begin with https://.`)
  })

/** Rules across the rows of an output, without I/O. */
export const checkConfiguration = (
  settings: FirehoseConfiguration,
  deployment: Deployment
): Problem[] => {
  const problems = [...addressProblems(settings, deployment), ...checkAccess(settings, deployment)]
  if (!settings.url && !settings.lambda_arn) {
    problems.push(problem('required', 'url', 'A url or a lambda_arn is required.'))
  }
  if (settings.lambda_arn && !settings.access_key_id && !settings.role_arn) {
    const message = 'A lambda_arn needs an access_key_id and secret_access_key, or a role_arn.'
    problems.push(problem('missing_credentials', 'lambda_arn', message))
  }
  return problems
}

const valueProblems = (
  registered: ReturnType<typeof registeredSettings>,
  values: unknown,
  path: string
): Problem[] => {
  const read = readIntegrationValues(registered, values)
  return read.ok ? [] : within(path, read.problems)
}

/** Checks that an integration takes events, and values against the settings that it registered. */
export const checkConnection = (
  settings: Values<typeof firehoseConnection>,
  registration: Registration | undefined
): Problem[] => {
  // It has not been asked yet.
  if (!registration) return []
  if (!registration.event_processing_registration) {
    return [invalid('', `${registration.name} takes no events.`)]
  }
  const registered = registeredSettings(registration, 'events')
  return valueProblems(registered, settings.account_settings, 'account_settings')
}

/** The same for a connection that audiences feed. */
export const checkTriggers = (
  settings: Values<typeof firehoseTriggers>,
  registration: Registration | undefined
): Problem[] => {
  if (!registration) return []
  if (!registration.audience_processing_registration) {
    return [invalid('', `${registration.name} takes no audiences.`)]
  }
  const ofAudiences = 'audience_subscription_settings'
  const minutes = bulkOf(registration).minutes
  const problems = [
    ...valueProblems(
      registeredSettings(registration, 'audiences'),
      settings.account_settings,
      'account_settings'
    ),
    ...valueProblems(subscriptionSettings(registration), settings[ofAudiences], ofAudiences),
  ]
  if (settings.retention_hours * 60 <= minutes) {
    const message = `retention_hours must be longer than the ${minutes} minutes for which the integration has changes gathered.`
    problems.push(invalid('retention_hours', message))
  }
  return problems
}
