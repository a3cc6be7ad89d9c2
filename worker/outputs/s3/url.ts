import { awsDomain } from '../aws/hosts'
import type { S3Configuration } from './settings'

const percentEncode = (key: string): string =>
  key
    .split('/')
    .map((part) =>
      encodeURIComponent(part).replace(
        /[!'()*]/g,
        (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`
      )
    )
    .join('/')

/** The URL of an object, with the bucket in the host name or in the path. */
export const objectUrl = (configuration: S3Configuration, bucket: string, key: string): string => {
  const { aws_region: region, endpoint_url: custom, addressing_style: style } = configuration
  const endpoint = new URL(custom || `https://s3.${region}.${awsDomain(region)}`)
  const isAddress = /^[\d.]+$|^\[/.test(endpoint.hostname)
  // The certificate of S3 covers one label below its host, so dotted buckets go into the path.
  const isVirtual =
    style === 'auto' ? !custom && !bucket.includes('.') : style === 'virtual' && !isAddress
  if (isVirtual) endpoint.hostname = `${bucket}.${endpoint.hostname}`
  const path = `${endpoint.pathname.replace(/\/$/, '')}${isVirtual ? '' : `/${bucket}`}`
  return `${endpoint.origin}${path}/${percentEncode(key)}`
}
