import {
  exactText,
  isObject,
  isTooDeep,
  type Json,
  type JsonObject,
  parseJson,
} from '../../base/json'
import { type Problem, problem, type Result } from '../../base/problem'

/** Of a client context, what weir reads. Texts that are empty or not there are undefined. */
export interface ClientContext {
  client_id: string
  app_id: string
  app_title?: string
  app_version_name?: string
  app_version_code?: string
  app_package_name?: string
  platform?: string
  platform_version?: string
  model?: string
  make?: string
  locale?: string
  sdk_name?: string
  sdk_version?: string
  /** What describes the installation. */
  custom: JsonObject
}

const client = ['app_title', 'app_version_name', 'app_version_code', 'app_package_name'] as const
const env = ['platform', 'platform_version', 'model', 'make', 'locale'] as const
const services = ['sdk_name', 'sdk_version'] as const

type TextName = (typeof client)[number] | (typeof env)[number] | (typeof services)[number]

// Amazon's guide, which real clients do not keep to.
const platforms = ['iphoneos', 'android', 'windowsphone', 'blackberry', 'macos', 'windows', 'linux']

const maxContextBytes = 8192
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

const invalid = (message: string, path = ''): Result<never> => ({
  ok: false,
  problems: [problem('invalid_context', path, message)],
})

const fromBase64 = (text: string): string | undefined => {
  try {
    const standard = text.replace(/\s/g, '').replaceAll('-', '+').replaceAll('_', '/')
    return decoder.decode(Uint8Array.from(atob(standard), (char) => char.charCodeAt(0)))
  } catch {
    return undefined
  }
}

/**
 * The JSON text of a client context header, plain or in base64.
 *
 * @param encoding the value of `x-amz-Client-Context-Encoding`. Some clients may use base64 without
 *   saying so: what does not begin as an object is tried so.
 */
export const decodeContext = (header: string | null, encoding: string | null): Result<string> => {
  const given = header?.trim() ?? ''
  if (given === '') return invalid('The header x-amz-Client-Context is missing.')
  const marker = encoding?.trim().toLowerCase() ?? ''
  if (marker !== '' && marker !== 'base64') {
    return invalid('x-amz-Client-Context-Encoding must be base64 or left out.')
  }
  const text = marker === 'base64' || !given.startsWith('{') ? fromBase64(given) : given
  if (text === undefined) return invalid('It is not JSON, nor base64 of UTF-8.')
  if (new TextEncoder().encode(text).byteLength > maxContextBytes) {
    return invalid(`It has more than ${maxContextBytes} bytes.`)
  }
  return { ok: true, value: text }
}

const parse = (text: string): Json | undefined => {
  try {
    return isTooDeep(text) ? undefined : parseJson(text)
  } catch {
    return undefined
  }
}

interface Reading {
  problems: Problem[]
}

const wrong = ({ problems }: Reading, path: string, message: string): void => {
  problems.push(problem('invalid_context', path, `${path} ${message}`))
}

const readObject = (reading: Reading, parent: JsonObject, path: string): JsonObject => {
  const value = parent[path.split('.').at(-1) ?? path]
  if (isObject(value)) return value
  if (value !== undefined && value !== null) wrong(reading, path, 'must be an object.')
  return {}
}

// Version codes and the like also come as numbers.
const readTexts = <Name extends TextName>(
  reading: Reading,
  parent: JsonObject,
  { path, names }: { path: string; names: readonly Name[] }
): { [K in Name]?: string } => {
  const texts: { [K in Name]?: string } = {}
  for (const name of names) {
    const value = exactText(parent[name])
    if (value === undefined || value === null || value === '') continue
    if (typeof value === 'object') wrong(reading, `${path}.${name}`, 'must be text.')
    else texts[name] = String(value)
  }
  return texts
}

const readRequired = (reading: Reading, parent: JsonObject, path: string): string => {
  const value = parent[path.split('.').at(-1) ?? path]
  if (typeof value === 'string' && value !== '' && exactText(value) === value) return value
  wrong(reading, path, 'is required and must be text.')
  return ''
}

const checkGuide = (reading: Reading, { app_title, platform }: Partial<ClientContext>): void => {
  if (!app_title) wrong(reading, 'client.app_title', 'is required.')
  if (!platforms.includes(platform?.toLowerCase() ?? '')) {
    wrong(reading, 'env.platform', `must be one of ${platforms.join(', ')}.`)
  }
}

/**
 * Reads the JSON text of a client context; all its problems come at once.
 *
 * @param isStrict whether it must have all that Amazon's guide asks for. Amazon's own JavaScript
 *   client does not have it by default.
 */
export const readContext = (text: string, isStrict: boolean): Result<ClientContext> => {
  const context = parse(text)
  if (!isObject(context)) return invalid('It is not a JSON object.')
  const reading: Reading = { problems: [] }
  const ofClient = readObject(reading, context, 'client')
  const ofServices = readObject(reading, context, 'services')
  const analytics = readObject(reading, ofServices, 'services.mobile_analytics')
  const ofEnv = readObject(reading, context, 'env')
  const value: ClientContext = {
    client_id: readRequired(reading, ofClient, 'client.client_id'),
    app_id: readRequired(reading, analytics, 'services.mobile_analytics.app_id'),
    ...readTexts(reading, ofClient, { path: 'client', names: client }),
    ...readTexts(reading, ofEnv, { path: 'env', names: env }),
    ...readTexts(reading, analytics, { path: 'services.mobile_analytics', names: services }),
    custom: readObject(reading, context, 'custom'),
  }
  if (isStrict) checkGuide(reading, value)
  return reading.problems.length > 0
    ? { ok: false, problems: reading.problems }
    : { ok: true, value }
}
