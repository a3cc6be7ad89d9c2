import { toHex } from '../../base/hash'
import type { Outcome } from '../../delivery'
import type { AccessClient } from '../aws/credentials'
import { isExpiredToken, outcomeOf } from '../aws/outcome'
import { sendToAws } from '../aws/request'
import { compactTime, folder } from './key'
import { type S3Configuration, type S3Connection, usesDeploymentKeys } from './settings'
import { objectUrl } from './url'

/** A bucket, with what is needed to write to it. */
export interface Bucket {
  access: AccessClient
  configuration: S3Configuration
  connection: Pick<
    S3Connection,
    'bucket_name' | 'folder_name' | 'server_side_encryption' | 'use_compression'
  >
}

const encryptionHeaders = (method: string): Record<string, string> => {
  if (method === 'None' || method === '') return {}
  const [, algorithm = method, keyId] = /^(aws:kms)(?::(.+))?$/.exec(method) ?? []
  return {
    'x-amz-server-side-encryption': algorithm,
    ...(keyId ? { 'x-amz-server-side-encryption-aws-kms-key-id': keyId } : {}),
  }
}

// The ending was chosen with the key, and the setting may have changed since.
const fileBody = async (key: string, parts: string[]): Promise<Uint8Array<ArrayBuffer>> => {
  const text = new Blob(parts).stream()
  const stream = key.endsWith('.gz') ? text.pipeThrough(new CompressionStream('gzip')) : text
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

/** Writes a file of lines. */
export const putFile = async (bucket: Bucket, key: string, parts: string[]): Promise<Outcome> =>
  putObject(bucket, key, await fileBody(key, parts))

/** Writes one object. Writing it again with the same key and bytes changes nothing. */
export const putObject = async (
  bucket: Bucket,
  key: string,
  body: Uint8Array<ArrayBuffer>
): Promise<Outcome> => {
  const client = await bucket.access.client()
  if ('kind' in client) return client
  const { configuration, connection } = bucket
  const answer = await sendToAws(client, {
    service: 's3',
    region: configuration.aws_region,
    url: objectUrl(configuration, connection.bucket_name, key),
    method: 'PUT',
    headers: {
      'content-type': key.endsWith('.gz') ? 'application/gzip' : 'text/plain',
      // Without it aws4fetch would leave the body out of the signature.
      'x-amz-content-sha256': toHex(await crypto.subtle.digest('SHA-256', body)),
      ...encryptionHeaders(connection.server_side_encryption),
      ...(usesDeploymentKeys(configuration) ? { 'x-amz-acl': 'bucket-owner-full-control' } : {}),
    },
    body,
  })
  if (isExpiredToken(answer)) bucket.access.forget()
  return outcomeOf(answer)
}

/** Writes an object that proves the rights and settings of a connection. It is not deleted. */
export const verifyBucket = (bucket: Bucket, nowMs: number): Promise<Outcome> => {
  const name = `weir_Bucket_Verification_${compactTime(nowMs, '-')}.txt`
  const key = `${folder(bucket.connection.folder_name)}${name}`
  return putObject(bucket, key, Uint8Array.from([0x7b, 0x7d]))
}
