import { beforeAll, describe, expect, it } from 'vitest'
import {
  describedKeys,
  describedRoutes,
  openapiDocument,
  routeKeys,
} from '../../../worker/admin/openapi/document'
import { admin as app } from '../../../worker/admin/routes'
import { emptyWorkspace } from '../../../worker/config/workspace-file'
import { problemsOf, type Schema, type Schemas, schemaProblems } from '../../support/json-schema'
import { admin, batchOf, put, request, s3Connection, seed, upload } from '../../support/weir'

interface Operation {
  operationId: string
  tags: string[]
  summary: string
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[]
  requestBody?: { required: boolean; content: Record<string, { schema: Schema }> }
  responses: Record<string, { description: string; content?: Record<string, { schema: Schema }> }>
}

interface Document {
  openapi: string
  info: { title: string; version: string }
  servers: { url: string }[]
  security: Record<string, never[]>[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Schemas; securitySchemes: Record<string, { type: string }> }
}

let document: Document

beforeAll(async () => {
  document = await (await admin('/openapi.json')).json()
})

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation }))
  )

const contents = ({ requestBody, responses, parameters = [] }: Operation): Schema[] => [
  ...[requestBody, ...Object.values(responses)].flatMap((one) =>
    Object.values(one?.content ?? {}).map(({ schema }) => schema)
  ),
  ...parameters.map(({ schema }) => schema),
]

describe('the document', () => {
  it('describes each route of the admin API, and nothing else', () => {
    const keys = routeKeys(app.routes)
    expect(keys.filter((key) => describedRoutes(key).length === 0)).toEqual([])
    expect(describedKeys().filter((key) => !keys.includes(key))).toEqual([])
    expect(keys.length).toBeGreaterThan(30)
  })

  it('says it when a route is new', () => {
    const routes = [...app.routes, { method: 'GET', path: '/admin/v1/new' }]
    expect(routeKeys(routes)).toContain('get /new')
    expect(describedRoutes('get /new')).toEqual([])
    expect(Object.keys(openapiDocument(routes).paths)).not.toContain('/new')
  })

  it('is OpenAPI 3.1', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/)
    expect(document.info).toMatchObject({ title: expect.any(String), version: expect.any(String) })
    const known = Object.keys(document.components.securitySchemes)
    for (const one of document.security) expect(known).toEqual(Object.keys(one))
    for (const { path, method, operation } of operations()) {
      expect(path).toMatch(/^\/[\w{}./-]+$/)
      expect(['get', 'put', 'post', 'delete']).toContain(method)
      expect(operation.summary).toBeTruthy()
      expect(operation.tags).toEqual([expect.stringMatching(/^\w/)])
      expect(Object.keys(operation.responses)).toEqual(
        expect.arrayContaining(['401', 'default', expect.stringMatching(/^20\d$/)])
      )
      for (const [status, { description }] of Object.entries(operation.responses)) {
        expect(status).toMatch(/^([1-5]\d\d|default)$/)
        expect(description).toBeTruthy()
      }
      if (method === 'get') expect(operation.requestBody).toBeUndefined()
    }
  })

  it('names each operation once', () => {
    const names = operations().map(({ operation }) => operation.operationId)
    expect(names.filter((one, i) => names.indexOf(one) < i)).toEqual([])
    for (const name of names) expect(name).toMatch(/^\w+$/)
  })

  it('has the parameters of each path, once', () => {
    for (const { path, operation } of operations()) {
      const { parameters = [] } = operation
      const inPath = parameters.filter((one) => one.in === 'path')
      expect(inPath.map((one) => one.name)).toEqual(
        [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
      )
      for (const one of inPath) expect(one.required).toBe(true)
      const names = parameters.map((one) => `${one.in} ${one.name}`)
      expect(new Set(names).size).toBe(names.length)
    }
  })

  it('has schemas of known words, whose references lead somewhere', () => {
    const { schemas } = document.components
    const all = [
      ...Object.values(schemas),
      ...operations().flatMap((one) => contents(one.operation)),
    ]
    expect(all.flatMap((one) => schemaProblems(one, schemas))).toEqual([])
    const used = JSON.stringify(document).match(/#\/components\/schemas\/\w+/g) ?? []
    const names = new Set(used.map((one) => one.slice('#/components/schemas/'.length)))
    expect(Object.keys(schemas).filter((name) => !names.has(name))).toEqual([])
  })

  it.each(routeKeys(app.routes))(
    'is about routes that answer nobody without a token: %s',
    async (key) => {
      const [method = '', path = ''] = key.split(' ')
      const own = path.replace(':collection', 'inputs').replace(/:\w+/g, '1')
      const init = { method: method.toUpperCase() }
      for (const authorization of [
        '',
        'Bearer ',
        'Bearer wrong',
        'Basic dGVzdC1hZG1pbi10b2tlbg==',
      ]) {
        const answer = await request(`/admin/v1${own}`, { ...init, headers: { authorization } })
        expect(answer.status).toBe(401)
      }
    }
  )
})

const answerOf = (path: string): Schema => {
  const schema = document.paths[path]?.get?.responses['200']?.content?.['application/json']?.schema
  if (!schema) throw new Error(`${path} is not described.`)
  return schema
}

describe('what the document says of an answer', () => {
  it('holds for what the deployment answers', async () => {
    const seeded = await seed()
    const id = s3Connection(seeded)
    const input = seeded.key.replace('key-', '')
    await put('/alerts/night', { url: 'https://alerts.example/hook', secret: 'webhook-secret' })
    await put('/audiences/buyers', { rule: { event: { name: 'Purchase', within: '7d' } } })
    await upload(seeded.key, batchOf(['Hat seen'], { mpid: '42', user_attributes: { age: 42 } }))
    const { schemas } = document.components
    const asked = [
      '/output-kinds',
      '/workspace',
      '/inputs',
      '/outputs',
      '/connections',
      '/alerts',
      '/status',
      '/profiles',
      '/rejected',
      '/versions',
      '/rotate',
      ['/versions/{version}', '/versions/1'],
      ['/versions/{version}/diff', '/versions/1/diff'],
      ['/profiles/{mpid}', '/profiles/42'],
      ['/inputs/{id}', `/inputs/${input}`],
      ['/outputs/{id}', '/outputs/lake'],
      ['/connections/{id}', `/connections/${id}`],
      ['/alerts/{id}', '/alerts/night'],
      '/audiences',
      ['/audiences/{id}/status', '/audiences/buyers/status'],
      ['/inputs/{id}/status', `/inputs/${input}/status`],
      ['/connections/{id}/status', `/connections/${id}/status`],
      ['/connections/{id}/history', `/connections/${id}/history`],
      ['/connections/{id}/dead-letters', `/connections/${id}/dead-letters`],
    ]
    for (const one of asked) {
      const [path = '', own = path] = [one].flat()
      const answer = await admin(own)
      expect([own, answer.status]).toEqual([own, 200])
      expect([own, problemsOf(await answer.json(), answerOf(path), schemas)]).toEqual([own, []])
    }
    const refused = await (await admin('/inputs/none')).json()
    expect(problemsOf(refused, { $ref: '#/components/schemas/Errors' }, schemas)).toEqual([])
  })

  it.each([
    ['what is empty', {}, []],
    ['what is empty in all parts', emptyWorkspace(), []],
    ['an unknown field', { colour: 1 }, ['.colour is unknown']],
    ['an input without an id', { inputs: [{ key: 'web-key' }] }, ['.inputs.0.id is missing']],
    ['an unknown kind', { outputs: [{ id: 'a', kind: 'ftp' }] }, ['.outputs.0 fits not one']],
    [
      'an alert in no time',
      { alerts: [{ id: 'a', url: 'https://a.example', failing_minutes: 0 }] },
      ['.alerts.0.failing_minutes: 0'],
    ],
  ])('judges a workspace with %s as the worker does', async (_, workspace, problems) => {
    const { schemas } = document.components
    expect(problemsOf(workspace, schemas.Workspace!, schemas)).toEqual(problems)
    const saved = await put('/workspace?discard=true', workspace)
    expect(saved.status).toBe(problems.length === 0 ? 200 : 422)
  })
})
