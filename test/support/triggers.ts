import type { Trigger } from '../../worker/audiences/trigger'
import { applyTrigger, type TriggerContext } from '../../worker/connections/triggers'
import { outputKinds } from '../../worker/outputs'
import { readConnection } from '../../worker/outputs/read'
import { deployment } from './workspace'

export const at_ms = Date.UTC(2026, 5, 15, 12)
export const iso = (ms: number) => new Date(ms).toISOString()

export const trigger: Trigger = {
  at_ms,
  created_ms: at_ms - 5000,
  modified_ms: at_ms - 1,
  changes: [
    { audience: 'vip', slug: 'very_important', event: 'enter', enter_ms: at_ms },
    { audience: 'lapsed', slug: 'lapsed', event: 'exit', enter_ms: at_ms - 1000, exit_ms: at_ms },
    { audience: 'other', slug: 'other', event: 'enter', enter_ms: at_ms },
  ],
  attributes: { plan: 'pro', age: 42, tags: ['a', 'b'] },
  identities: { email: 'ada@example.org', customer_id: 'c-1' },
}

const context: TriggerContext = {
  id: 'd-1',
  mpid: '77',
  connection: 'told',
  audiences: ['lapsed', 'vip'],
}

const needed = {
  sqs: {
    queue_url: 'https://sqs.eu-west-1.amazonaws.com/123456789012/told',
    aws_region: 'eu-west-1',
  },
  s3: { bucket_name: 'told', store_by_date: 'none' },
}
export type Kind = keyof typeof needed
export type Given = Record<string, unknown>

const keys = { access_key_id: 'AKID', secret_access_key: 'secret' }

export const readTriggers = (kind: Kind, given: Given) =>
  readConnection(outputKinds[kind], {
    settings: { ...needed[kind], ...given },
    isOfAudiences: true,
    output: { settings: keys },
    deployment,
  })

export const applied = (kind: Kind, given: Given = {}, changed: Partial<Trigger> = {}) => {
  const settings = readTriggers(kind, given)
  if (!settings.ok) throw new Error(JSON.stringify(settings.problems))
  const read = outputKinds[kind].readTriggers({ ...needed[kind], ...given })
  return applyTrigger({ ...trigger, ...changed }, read, context)
}

export type Sent = ReturnType<typeof sent>

export const sent = (kind: Kind, given: Given = {}, changed: Partial<Trigger> = {}) => {
  const [delivery] = applied(kind, given, changed).deliveries
  return { ...delivery!, body: JSON.parse(delivery!.text) }
}

export const kindsOf = ({ body }: Sent): string[] =>
  body.data.segment_events.map((one: { event: string; id: string }) => `${one.event} ${one.id}`)

export const fieldsOf = ({ body }: Sent): string[] =>
  Object.keys(body.data).filter(
    (name) => !['_created', '_modified', 'segment_events'].includes(name)
  )
