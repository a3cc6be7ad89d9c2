import * as v from 'valibot'
import { type Problem, problem } from '../../base/problem'

/** What names of fields begin with; more follows a dot. */
export const roots = [
  'user_identities',
  'user_attributes',
  'custom_attributes',
  'custom_flags',
  'partner_identities',
  'integration_attributes',
  'device_info',
  'application_info',
  'context',
  'events',
] as const

const fieldName = v.pipe(
  v.string(),
  v.regex(
    new RegExp(`^(mp_deviceid|(${roots.join('|')})\\..+)$`),
    `must be mp_deviceid, or a name below one of ${roots.join(', ')}, such as user_identities.email`
  )
)

/** The one purpose that CCPA has. */
export const saleOptOut = 'data_sale_opt_out'

const consentSchema = v.strictObject({
  regulation: v.picklist(['gdpr', 'ccpa']),
  purpose: v.optional(v.pipe(v.string(), v.minLength(1, 'must not be empty'))),
  /** What becomes of events for which there is no consent. */
  otherwise: v.optional(v.picklist(['drop', 'strip']), 'drop'),
})

/** What is taken out of all that comes in by an input before any of it is stored. */
export const privacySchema = v.strictObject({
  ip: v.optional(v.picklist(['keep', 'truncate', 'drop']), 'keep'),
  user_agent: v.optional(v.picklist(['keep', 'drop']), 'keep'),
  hash: v.optional(v.array(fieldName), []),
  drop: v.optional(v.array(fieldName), []),
  consent: v.optional(consentSchema),
  /** Whether a browser's `Sec-GPC: 1` counts as an opt-out of sale. */
  respect_gpc: v.optional(v.boolean(), false),
})

export type Privacy = v.InferOutput<typeof privacySchema>

/** Rules across the fields of `privacy`. */
export const privacyProblems = ({ hash, drop, consent }: Privacy, path: string): Problem[] => {
  const both = hash.flatMap((name, i) =>
    drop.includes(name)
      ? problem('invalid', `${path}.hash.${i}`, `${name} stands in hash and in drop.`)
      : []
  )
  const place = `${path}.consent.purpose`
  if (consent?.regulation === 'gdpr' && consent.purpose === undefined) {
    return [...both, problem('required', place, `${place} is required.`)]
  }
  const isOther = consent?.regulation === 'ccpa' && (consent.purpose ?? saleOptOut) !== saleOptOut
  return isOther ? [...both, problem('invalid', place, `${place} must be ${saleOptOut}.`)] : both
}
