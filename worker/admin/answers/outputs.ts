import * as v from 'valibot'
import type { Registration } from '../../../sdk/firehose/registration'
import { isObject } from '../../base/json'
import type { SettingRow } from '../../settings'
import { lastErrorSchema } from './connections'
import { count, ms } from './scalars'

const rowsSchema = v.record(v.string(), v.custom<SettingRow>(isObject))

export const outputKindsSchema = v.object({
  output_kinds: v.array(
    v.object({
      id: v.string(),
      label: v.string(),
      configuration_settings: rowsSchema,
      connection_settings: rowsSchema,
      audience_connection_settings: rowsSchema,
    })
  ),
})

export const registrationSchema = v.object({
  id: v.string(),
  version: count,
  registration: v.optional(v.custom<Registration>(isObject)),
})

export const authorizationSchema = v.variant('status', [
  v.object({ status: v.literal('not_needed') }),
  v.object({
    status: v.picklist(['none', 'authorized', 'failing']),
    expires_ms: v.nullable(ms),
    last_error: lastErrorSchema,
    grant_type: v.string(),
    redirect_uri: v.exactOptional(
      v.pipe(v.string(), v.description('To be entered at the authorization server.'))
    ),
  }),
])

const begunSchema = v.object({
  authorization_url: v.pipe(v.string(), v.description('Where the owner of the output is to go.')),
  redirect_uri: v.string(),
  expires_ms: ms,
})

/** Authorized at once, or begun: its owner must agree at the authorization server. */
export const authorizingSchema = v.union([begunSchema, authorizationSchema])

export type OutputKinds = v.InferOutput<typeof outputKindsSchema>
export type Registered = v.InferOutput<typeof registrationSchema>
export type Authorization = v.InferOutput<typeof authorizationSchema>
export type BegunAuthorization = v.InferOutput<typeof begunSchema>
