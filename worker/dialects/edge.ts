import type { JsonObject } from '../base/json'
import type { EdgeFacts } from '../batch'

type Geo = Pick<
  IncomingRequestCfProperties,
  'latitude' | 'longitude' | 'country' | 'regionCode' | 'city' | 'postalCode' | 'metroCode'
>

const locationOf = (cf: Partial<Geo> | undefined): JsonObject | undefined => {
  if (!cf?.latitude || !cf.longitude) return undefined
  const fields = {
    country_code: cf.country,
    region_code: cf.regionCode,
    city_name: cf.city,
    postal_code: cf.postalCode,
    dma_code: cf.metroCode ? Number(cf.metroCode) : undefined,
  }
  const known = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null)
  return {
    latitude: Number(cf.latitude),
    longitude: Number(cf.longitude),
    ...Object.fromEntries(known),
  }
}

/**
 * What the edge knows of the client that sent a request.
 *
 * @param withLocation also the location that Cloudflare derived from the address; only where a
 *   connection includes it, since it is personal data and takes time on each upload
 */
export const browserFacts = (request: Request, withLocation: boolean): EdgeFacts => {
  const ip = request.headers.get('cf-connecting-ip')
  const agent = request.headers.get('user-agent')
  const located = request as Request<unknown, IncomingRequestCfProperties>
  const location = withLocation ? locationOf(located.cf) : undefined
  return {
    channel: 'javascript',
    ...(ip ? { ip } : {}),
    ...(agent ? { user_agent: agent } : {}),
    ...(location ? { location } : {}),
  }
}
