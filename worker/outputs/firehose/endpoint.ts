import { readStoredSettings } from '../../settings'
import { accessClient } from '../aws/credentials'
import type { Deployment } from '../deployment'
import type { FirehoseEndpoint } from './exchange/transport'
import { firehoseConfiguration } from './settings'

/** The address of an integration. @param opened the output's settings in clear */
export const endpointOf = (opened: unknown, deployment: Deployment): FirehoseEndpoint => {
  const settings = readStoredSettings(firehoseConfiguration, opened)
  const { url = '', lambda_arn, token, endpoint_url } = settings
  if (lambda_arn) {
    const region = lambda_arn.split(':')[3] ?? ''
    const access = accessClient(settings, region, deployment)
    return {
      kind: 'lambda',
      arn: lambda_arn,
      region,
      access,
      ...(endpoint_url ? { endpoint_url } : {}),
    }
  }
  const urls = {
    registration: settings.registration_url || url,
    events: settings.events_url || url,
    audiences: settings.audiences_url || url,
  }
  return { kind: 'http', urls, ...(token ? { token } : {}) }
}
