import type { JsonSchema } from '@valibot/to-json-schema'
import { collections } from '../../config/workspace-file'
import type { Answer, Operation } from './operation'
import { runningOperations } from './running-operations'
import { documentSchemas, ref } from './schemas'
import { collectionOperations, workspaceOperations } from './workspace-operations'

interface Route {
  method: string
  path: string
}

const base = '/admin/v1'

/** `get /status` for each route that answers, in order. */
export const routeKeys = (routes: Route[]): string[] => [
  ...new Set(
    routes.flatMap(({ method, path }) =>
      method === 'ALL' ? [] : [`${method.toLowerCase()} ${path.slice(base.length)}`]
    )
  ),
]

/** The description of a route, or one per collection of a route for all. Empty: undescribed. */
export const describedRoutes = (key: string): [string, Operation][] => {
  if (!key.includes(' /:collection')) {
    const operation = workspaceOperations[key] ?? runningOperations[key]
    return operation ? [[key, operation]] : []
  }
  return collections.flatMap((name) => {
    const operation = collectionOperations(name)[key]
    return operation ? [[key.replace(':collection', name), operation]] : []
  })
}

/** The keys of all descriptions. */
export const describedKeys = (): string[] => [
  ...Object.keys(workspaceOperations),
  ...Object.keys(runningOperations),
  ...Object.keys(collectionOperations('inputs')),
]

interface Parameter {
  name: string | undefined
  in: 'path' | 'query'
  required?: boolean
  description?: string
  schema: JsonSchema
}

const pathParameters = (path: string): Parameter[] =>
  [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))

const queryParameters = ({ query = {} }: Operation): Parameter[] =>
  Object.entries(query).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    description,
    schema,
  }))

const answerObject = ({ description, schema, type = 'application/json' }: Answer) => ({
  description,
  ...(schema ? { content: { [type]: { schema: ref(schema) } } } : {}),
})

const refusal = (description: string) => answerObject({ description, schema: 'Errors' })

const nameOf = (method: string, path: string): string =>
  [method, ...path.split('/').filter(Boolean)].map((part) => part.replace(/\W/g, '_')).join('_')

const operationObject = (method: string, path: string, operation: Operation) => {
  const { summary, description, body, answers } = operation
  const parameters = [...pathParameters(path), ...queryParameters(operation)]
  return {
    operationId: nameOf(method, path),
    tags: [path.split('/')[1] ?? ''],
    summary,
    ...(description ? { description } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body
      ? { requestBody: { required: true, content: { 'application/json': { schema: body } } } }
      : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [status, answerObject(answer)])
      ),
      401: refusal('The admin token is missing or wrong.'),
      default: refusal('All that is wrong with the request, at once.'),
    },
  }
}

const pathsOf = (routes: Route[]) => {
  const paths: Record<string, Record<string, object>> = {}
  for (const key of routeKeys(routes)) {
    for (const [describedKey, operation] of describedRoutes(key)) {
      const [method = '', path = ''] = describedKey.split(' ')
      const template = path.replace(/:(\w+)/g, '{$1}')
      paths[template] = {
        ...paths[template],
        [method]: operationObject(method, path, operation),
      }
    }
  }
  return paths
}

/** The document of some routes of the admin API. */
export const openapiDocument = (routes: Route[]) => ({
  openapi: '3.1.0',
  info: {
    title: 'weir admin API',
    version: 'v1',
    summary:
      'Inputs, outputs, connections, audiences and alerts of a deployment, and their status.',
  },
  // Relative to the document, which may lie below a base path.
  servers: [{ url: '../v1' }],
  security: [{ admin_token: [] }],
  paths: pathsOf(routes),
  components: {
    securitySchemes: { admin_token: { type: 'http', scheme: 'bearer' } },
    schemas: documentSchemas(),
  },
})
