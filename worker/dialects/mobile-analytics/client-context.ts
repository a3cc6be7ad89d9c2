import {
  exactText,
  isObject,
  isTooDeep,
  type Json,
  type JsonObject,
  parseJson,
} from '../../base/json'
import { type Problem, problem, type Result } from '../../base/problem'

/** The fields of a client context that weir reads; undefined when they are empty or missing. */
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
  /** The app's own key-value pairs. */
  custom: JsonObject
}

const clientNames = [
  'app_title',
  'app_version_name',
  'app_version_code',
  'app_package_name',
] as const
const envNames = ['platform', 'platform_version', 'model', 'make', 'locale'] as const
const sdkNames = ['sdk_name', 'sdk_version'] as const

type TextName = (typeof clientNames)[number] | (typeof envNames)[number] | (typeof sdkNames)[number]

// Those of Amazon's guide; real clients send others.
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
 * @param encoding the value of `x-amz-Client-Context-Encoding`. Without it, a header that does not
 *   begin with `{` is decoded as base64 too.
 */
export const decodeContext = (header: string | null, encoding: string | null): Result<string> => {
  const value = header?.trim() ?? ''
  if (value === '') return invalid('The header x-amz-Client-Context is missing.')
  const encodingName = encoding?.trim().toLowerCase() ?? ''
  if (encodingName !== '' && encodingName !== 'base64') {
    return invalid('x-amz-Client-Context-Encoding must be base64 or left out.')
  }
  const text = encodingName === 'base64' || !value.startsWith('{') ? fromBase64(value) : value
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

const addProblem = (problems: Problem[], path: string, message: string): void => {
  problems.push(problem('invalid_context', path, `${path} ${message}`))
}

const readObject = (problems: Problem[], parent: JsonObject, path: string): JsonObject => {
  const value = parent[path.split('.').at(-1) ?? path]
  if (isObject(value)) return value
  if (value !== undefined && value !== null) addProblem(problems, path, 'must be an object.')
  return {}
}

// Some clients send version codes as numbers.
const readTexts = <Name extends TextName>(
  problems: Problem[],
  parent: JsonObject,
  { path, names }: { path: string; names: readonly Name[] }
): { [K in Name]?: string } => {
  const texts: { [K in Name]?: string } = {}
  for (const name of names) {
    const value = exactText(parent[name])
    if (value === undefined || value === null || value === '') continue
    if (typeof value === 'object') addProblem(problems, `${path}.${name}`, 'must be text.')
    else texts[name] = String(value)
  }
  return texts
}

const readRequired = (problems: Problem[], parent: JsonObject, path: string): string => {
  const value = parent[path.split('.').at(-1) ?? path]
  if (typeof value === 'string' && value !== '' && exactText(value) === value) return value
  addProblem(problems, path, 'is required and must be text.')
  return ''
}

const checkStrictly = (problems: Problem[], context: Partial<ClientContext>): void => {
  const { app_title, platform } = context
  if (!app_title) addProblem(problems, 'client.app_title', 'is required.')
  if (!platforms.includes(platform?.toLowerCase() ?? '')) {
    addProblem(problems, 'env.platform', `must be one of ${platforms.join(', ')}.`)
  }
}

/**
 * Reads the JSON text of a client context, and returns all its problems at once.
 *
 * @param isStrict whether all fields that Amazon's guide requires must be there. By default
 *   Amazon's own JavaScript client does not send them.
 */
export const readContext = (text: string, isStrict: boolean): Result<ClientContext> => {
  const context = parse(text)
  if (!isObject(context)) return invalid('It is not a JSON object.')
  const problems: Problem[] = []
  const client = readObject(problems, context, 'client')
  const services = readObject(problems, context, 'services')
  const analytics = readObject(problems, services, 'services.mobile_analytics')
  const env = readObject(problems, context, 'env')
  const value: ClientContext = {
    client_id: readRequired(problems, client, 'client.client_id'),
    app_id: readRequired(problems, analytics, 'services.mobile_analytics.app_id'),
    ...readTexts(problems, client, { path: 'client', names: clientNames }),
    ...readTexts(problems, env, { path: 'env', names: envNames }),
    ...readTexts(problems, analytics, { path: 'services.mobile_analytics', names: sdkNames }),
    custom: readObject(problems, context, 'custom'),
  }
  if (isStrict) checkStrictly(problems, value)
  return problems.length > 0 ? { ok: false, problems } : { ok: true, value }
}
