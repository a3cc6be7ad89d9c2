/** The parts of an `Authorization: AWS4-HMAC-SHA256 ...` header. */
export interface Authorization {
  accessKeyId: string
  /** The day of the scope, as `20260131`. */
  day: string
  region: string
  service: string
  signedHeaders: string[]
  signature: string
}

const FORM =
  /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([^/,]+)\/([^/,]+)\/aws4_request,\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})$/

export function readAuthorization(header: string): Authorization | undefined {
  const [, accessKeyId, day, region, service, signedHeaders, signature] = FORM.exec(header) ?? []
  if (!accessKeyId || !day || !region || !service || !signedHeaders || !signature) return undefined
  return { accessKeyId, day, region, service, signedHeaders: signedHeaders.split(';'), signature }
}

/** The moment an `x-amz-date` such as `20260131T235959Z` names. `undefined` when it is none. */
export function readAmzDate(text: string): Date | undefined {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? []
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(date.getTime()) ? undefined : date
}

export function amzDate(ms: number): string {
  return new Date(ms).toISOString().replace(/[-:]|\.\d{3}/g, '')
}
