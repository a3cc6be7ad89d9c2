import type { MembershipChange } from '../../audiences/membership'
import type { Trigger } from '../../audiences/trigger'
import { fnv1a64 } from '../../base/hash'
import { type Json, type JsonObject, own, stringifyJson } from '../../base/json'
import { type Delivery, queueLane } from '../../delivery'
import type { Applied } from '../context'
import { byteLength, lineBytes } from '../split'
import type { TriggerSettings } from '../trigger-settings'
import { selectChanges, type TriggerContext } from '../triggers'
import { permissionsOf } from './event-request'
import type { FirehoseFacts } from './facts'
import { hasRequired, type Identified, userIdentities } from './identities'
import { anyText, memberTexts, nonEmpty } from './values'

/** The protocol's numeric id of an audience: positive, 31 bits, derived from its id. */
export const audienceNumber = (id: string): number => fnv1a64(id)[1] >>> 1 || 1

type FirehoseTriggerSettings = Pick<TriggerSettings, 'audience_events'> & {
  firehose: FirehoseFacts
  /** Names of audiences by id. */
  audiences: Record<string, string>
}

const attributeValue = (value: Json | undefined): JsonObject => {
  if (value === null || value === undefined) return {}
  return Array.isArray(value) ? { list_value: memberTexts(value) } : { value: anyText(value) }
}

const upserts = (attributes: JsonObject): JsonObject[] =>
  Object.entries(attributes).flatMap(([key, value]) =>
    key === '' ? [] : [{ key, action: 'upsert', ...attributeValue(value) }]
  )

const audienceOf = (
  { audience, slug, event }: MembershipChange,
  names: Record<string, string>,
  attributes: JsonObject[]
): JsonObject => ({
  audience_id: audienceNumber(audience),
  audience_name: own(names, audience) ?? slug,
  action: event === 'enter' ? 'add' : 'delete',
  // A user who left an audience has no attributes in it.
  user_attributes: event === 'enter' ? nonEmpty(attributes) : undefined,
})

// Profiles store no device or partner identities.
const identified = (
  { identities }: Trigger,
  permissions: ReturnType<typeof permissionsOf>
): Identified => ({
  user_identities: userIdentities(identities, permissions),
  device_identities: [],
  partner_identities: [],
})

/** The profile with the user's attributes, or without them if it would be too large. */
const fittingText = (
  attributes: JsonObject[],
  write: (attributes: JsonObject[]) => string
): Pick<Delivery, 'text' | 'unsendable'> => {
  const whole = write(attributes)
  if (byteLength(whole) <= lineBytes) return { text: whole }
  const text = write([])
  const bytes = byteLength(text)
  if (bytes <= lineBytes) return { text }
  return { text, unsendable: `The profile has ${bytes} bytes; it may have ${lineBytes}.` }
}

/**
 * The delivery of a trigger to a Firehose integration: one user profile with the changes of the
 * connection's audiences. The outbox makes requests of several profiles, and adds subscription
 * settings when it sends them. A profile that is too large loses the user's attributes, never
 * changes.
 */
export const applyFirehoseTrigger = (
  trigger: Trigger,
  settings: FirehoseTriggerSettings,
  context: TriggerContext
): Applied => {
  const { id, mpid } = context
  const { accepted, filtered, selected } = selectChanges(trigger, context, settings)
  if (selected.length === 0) return { deliveries: [], accepted, filtered }
  const permissions = permissionsOf(settings.firehose)
  const who = identified(trigger, permissions)
  if (!hasRequired(who, permissions)) {
    const allFiltered = { ...filtered, required_identities: selected.length }
    return { deliveries: [], accepted, filtered: allFiltered }
  }
  const attributes = permissions.allow_audience_user_attributes ? upserts(trigger.attributes) : []
  const message = fittingText(attributes, (fitting) =>
    stringifyJson({
      user_identities: nonEmpty(who.user_identities),
      audiences: selected.map((change) => audienceOf(change, settings.audiences, fitting)),
      mpid: permissions.allow_access_mpid ? mpid : undefined,
    })
  )
  const delivery: Delivery = { id, mpid, lane: queueLane, events: selected.length, ...message }
  return { deliveries: [delivery], accepted, filtered }
}
