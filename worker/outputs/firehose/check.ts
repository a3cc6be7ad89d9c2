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

const addressProblems = (given: FirehoseConfiguration, deployment: Deployment): Problem[] =>
  addressSettings.flatMap((name) => {
    const address = given[name]
    if (!address) return []
    if (given.lambda_arn) return invalid(name, `${name} must be blank where there is a lambda_arn.`)
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
  given: FirehoseConfiguration,
  deployment: Deployment
): Problem[] => {
  const problems = [...addressProblems(given, deployment), ...checkAccess(given, deployment)]
  if (!given.url && !given.lambda_arn) {
    problems.push(problem('required', 'url', 'A url or a lambda_arn is required.'))
  }
  if (given.lambda_arn && !given.access_key_id && !given.role_arn) {
    const message = 'A lambda_arn needs an access_key_id and secret_access_key, or a role_arn.'
    problems.push(problem('missing_credentials', 'lambda_arn', message))
  }
  return problems
}

const valueProblems = (
  registered: ReturnType<typeof registeredSettings>,
  given: unknown,
  path: string
): Problem[] => {
  const read = readIntegrationValues(registered, given)
  return read.ok ? [] : within(path, read.problems)
}

/** Whether an integration takes events, and the values of its settings are such as it registered. */
export const checkConnection = (
  given: Values<typeof firehoseConnection>,
  registration: Registration | undefined
): Problem[] => {
  // Without one it has not been asked yet.
  if (!registration) return []
  if (!registration.event_processing_registration) {
    return [invalid('', `${registration.name} takes no events.`)]
  }
  const registered = registeredSettings(registration, 'events')
  return valueProblems(registered, given.account_settings, 'account_settings')
}

/** The same of audiences. */
export const checkTriggers = (
  given: Values<typeof firehoseTriggers>,
  registration: Registration | undefined
): Problem[] => {
  if (!registration) return []
  if (!registration.audience_processing_registration) {
    return [invalid('', `${registration.name} takes no audiences.`)]
  }
  const own = 'audience_subscription_settings'
  const minutes = bulkOf(registration).minutes
  const problems = [
    ...valueProblems(
      registeredSettings(registration, 'audiences'),
      given.account_settings,
      'account_settings'
    ),
    ...valueProblems(subscriptionSettings(registration), given[own], own),
  ]
  if (given.retention_hours * 60 <= minutes) {
    const message = `retention_hours must be longer than the ${minutes} minutes for which the integration has changes gathered.`
    problems.push(invalid('retention_hours', message))
  }
  return problems
}
