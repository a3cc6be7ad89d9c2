const legacyHost = /^(?:([a-z0-9-]+)\.)?queue\.amazonaws\.com$/
// Also FIPS endpoints (sqs-fips.REGION) and VPC endpoints (vpce-ID.sqs.REGION).
const regionalHost = /(?:^|\.)sqs(?:-fips)?\.([a-z0-9-]+)\./

/** Where a queue URL points: the endpoint that takes requests for it, and its region. */
export const queueEndpoint = (
  queueUrl: string,
  output: { endpointUrl?: string | undefined; region?: string | undefined } = {}
): { url: string; region: string } => {
  const queue = new URL(queueUrl)
  const legacy = legacyHost.exec(queue.hostname)
  const named = legacy ? legacy[1] : regionalHost.exec(queue.hostname)?.[1]
  const region = output.region || named || 'us-east-1'
  const origin = legacy ? `https://sqs.${region}.amazonaws.com` : queue.origin
  const { endpointUrl } = output
  return { url: `${endpointUrl ? new URL(endpointUrl).origin : origin}/`, region }
}

export const isFifo = (queueUrl: string): boolean => queueUrl.endsWith('.fifo')
