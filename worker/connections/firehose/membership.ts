import type { MembershipChange } from '../../audiences/membership'
import type { Trigger } from '../../audiences/trigger'
import { fnv1a64 } from '../../base/hash'
import { type Json, type JsonObject, own, stringifyJson } from '../../base/json'
import { type Delivery, queueLane } from '../../delivery'
import type { Applied } from '../context'
import { byteLength, lineBytes } from '../split'
import type { TriggerSettings } from '../trigger-settings'
import { selected, type TriggerContext } from '../triggers'
import { permissionsOf } from './event-request'
import type { FirehoseFacts } from './facts'
import { hasRequired, type Identified, userIdentities } from './identities'
import { anyText, filled, memberTexts } from './values'

/** The number by which the protocol knows an audience: positive, 31 bits, the same for one id. */
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
  // Who has left an audience has no attributes in it any more.
  user_attributes: event === 'enter' ? filled(attributes) : undefined,
})

// A profile keeps no device and no partner's identities, so that its users have none.
const identified = (
  { identities }: Trigger,
  permissions: ReturnType<typeof permissionsOf>
): Identified => ({
  user_identities: userIdentities(identities, permissions),
  device_identities: [],
  partner_identities: [],
})

/** The profile with the user's attributes, or without them where they are too many. */
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
 * What an audience connection to a Firehose integration gets of a trigger: one user profile with
 * the changes of its audiences, of which the outbox makes requests. Subscription settings are
 * added as it is sent. A profile that is too large loses what it says of the user, never changes.
 */
export const applyFirehoseTrigger = (
  trigger: Trigger,
  settings: FirehoseTriggerSettings,
  context: TriggerContext
): Applied => {
  const { id, mpid } = context
  const { accepted, filtered, told } = selected(trigger, context, settings)
  if (told.length === 0) return { deliveries: [], accepted, filtered }
  const permissions = permissionsOf(settings.firehose)
  const who = identified(trigger, permissions)
  if (!hasRequired(who, permissions)) {
    const lacking = { ...filtered, required_identities: told.length }
    return { deliveries: [], accepted, filtered: lacking }
  }
  const attributes = permissions.allow_audience_user_attributes ? upserts(trigger.attributes) : []
  const message = fittingText(attributes, (sent) =>
    stringifyJson({
      user_identities: filled(who.user_identities),
      audiences: told.map((change) => audienceOf(change, settings.audiences, sent)),
      mpid: permissions.allow_access_mpid ? mpid : undefined,
    })
  )
  const delivery: Delivery = { id, mpid, lane: queueLane, events: told.length, ...message }
  return { deliveries: [delivery], accepted, filtered }
}
