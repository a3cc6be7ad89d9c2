import { omit } from '../../worker/base/json'
import { byId, Draft3, type Schema } from './draft-3'
import type { EventRequest } from './firehose'

const files = import.meta.glob<Schema>('../fixtures/firehose/schema/*.json', {
  eager: true,
  import: 'default',
})
const schemas = new Map(
  Object.entries(files).map(([path, schema]) => [
    path.replace(/^.*\/(.*)_schema\.json$/, '$1'),
    schema,
  ])
)
const draft3 = new Draft3(byId([...schemas.values()]))

export const schemaOf = (name: string): Schema => {
  const schema = schemas.get(name)
  if (!schema) throw new Error(`There is no schema of ${name}.`)
  return schema
}

// Of null, the generator of the schemas knows nothing: a tag among attributes is one.
const isNullInMap = (violation: string): boolean => / is null, not string$/.test(violation)

/** Where a value is not what the published schema of that name says. */
export const schemaViolations = (value: unknown, name: string, path = ''): string[] =>
  draft3.violations(value, schemaOf(name), path).filter((one) => !isNullInMap(one))

const pascal = (type: string): string =>
  type.replace(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase())

// Properties that come of the getters of the classes and are never on the wire.
const neverSent = ['request', 'debug', 'httpHeaderUserAgent', 'crash', 'enabled', 'ccpa', 'gdpr']

/** By the schema of its own kind, where there is one, else by what all kinds have. */
const variantViolations = (
  value: Record<string, unknown>,
  own: string,
  base: string,
  path: string
): string[] => {
  const sent = neverSent.filter((name) => name in value).map((name) => `${path}.${name} is sent`)
  if (schemas.has(own)) return [...sent, ...schemaViolations(value, own, path)]
  const names = Object.keys(schemaOf(base).properties ?? {})
  const known = Object.fromEntries(Object.entries(value).filter(([name]) => names.includes(name)))
  return [...sent, ...schemaViolations(known, base, path)]
}

const environmentSchemas: Record<string, string> = {
  android: 'AndroidRuntimeEnvironment',
  mobileweb: 'WebRuntimeEnvironment',
}
// The class of the web has no slot for them, and the platform's own messages have them there.
const ofApplication = /^\.runtime_environment\.application_\w+ is not known$/

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const itemsOf = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter(isObject) : []

/** Where a request of events is not what the published schemas say, exceptions apart. */
export const requestViolations = (request: EventRequest): string[] => {
  const { runtime_environment: environment, consent_state: consent } = request
  return [
    ...schemaViolations(
      omit(request, ['events', 'runtime_environment', 'system_notifications']),
      'EventProcessingRequest'
    ),
    ...(isObject(consent) ? neverSent.filter((name) => name in consent) : []),
    ...variantViolations(
      environment,
      environmentSchemas[String(environment.type)] ?? '',
      'RuntimeEnvironment',
      '.runtime_environment'
    ).filter((one) => !ofApplication.test(one)),
    ...itemsOf(request.events).flatMap((one, i) =>
      variantViolations(one, `${pascal(String(one.type))}Event`, 'Event', `.events.${i}`)
    ),
    ...itemsOf(request.system_notifications).flatMap((one, i) =>
      variantViolations(
        one,
        one.type === 'gdpr_consent_state' ? 'GDPRConsentStateNotification' : '',
        'SystemNotification',
        `.system_notifications.${i}`
      )
    ),
  ]
}
