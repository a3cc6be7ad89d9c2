import type { JsonObject } from '../base/json'
import type { EdgeFacts } from '../batch'

type Geo = Pick<
  IncomingRequestCfProperties,
  'latitude' | 'longitude' | 'country' | 'regionCode' | 'city' | 'postalCode' | 'metroCode'
>

const lookedUpLocation = (cf: Partial<Geo> | undefined): JsonObject | undefined => {
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
 * What the edge knows of a browser's request.
 *
 * @param withLocation look the address up, too; only where a connection asks for it, since it costs
 *   time on each upload and is nobody else's business
 */
export const browserFacts = (request: Request, withLocation: boolean): EdgeFacts => {
  const ip = request.headers.get('cf-connecting-ip')
  const agent = request.headers.get('user-agent')
  const located = request as Request<unknown, IncomingRequestCfProperties>
  const location = withLocation ? lookedUpLocation(located.cf) : undefined
  return {
    channel: 'javascript',
    ...(ip ? { ip } : {}),
    ...(agent ? { user_agent: agent } : {}),
    ...(location ? { location } : {}),
  }
}
