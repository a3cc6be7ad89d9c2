import { parseUrl } from '../../base/url'

// Customers get names under amazonaws.com, too; these are the names of the services.
const awsHost =
  /(^|\.)(s3|sqs|sts|queue|lambda)(-fips)?(\.dualstack)?([.-][a-z]{2}(-[a-z]+)+-\d)?(\.vpce)?\.(amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu|api\.aws)$/

/** Whether a URL is an https endpoint of SQS, S3, STS or Lambda, without a user, password or port. */
export const isAwsUrl = (url: string): boolean => {
  const parsed = parseUrl(url)
  if (parsed?.protocol !== 'https:' || parsed.port) return false
  if (parsed.username || parsed.password) return false
  return awsHost.test(parsed.hostname)
}

export const awsDomain = (region: string): string =>
  region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
