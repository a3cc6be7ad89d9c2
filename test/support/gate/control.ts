import * as v from 'valibot'
import { textOf } from '../../../worker/commands/aws/landed'
import type { AwsAnswer, AwsRequest } from '../../../worker/commands/aws/request'
import { faultSchema } from './faults'
import type { Gate, LoggedRequest } from './gate'
import { roleSchema } from './sts'

type Route = (gate: Gate, request: AwsRequest, url: URL) => Promise<unknown> | unknown

const ROUTES: Record<string, Route> = {
  'GET /_gate/state': (gate) => ({
    faults: gate.faults.list(),
    refusals: gate.refusals,
    roles: gate.roles,
    requests: counts(gate.requests),
    queues: gate.queueNames(),
    buckets: gate.bucketNames(),
  }),
  'PUT /_gate/faults': (gate, request, url) => {
    const scope = url.searchParams.get('scope') ?? undefined
    gate.faults.set(v.parse(v.array(faultSchema), json(request)), scope)
    return gate.faults.list()
  },
  'PUT /_gate/roles': (gate, request) => {
    gate.roles.splice(0, gate.roles.length, ...v.parse(v.array(roleSchema), json(request)))
    return gate.roles
  },
  'POST /_gate/expire': (gate) => gate.expireSessions(),
  'POST /_gate/reset': (gate, _request, url) =>
    gate.reset({ contents: url.searchParams.get('contents') === '1' }),
  'PUT /_gate/queue': async (gate, request, url) => {
    const attributes = request.body.length === 0 ? {} : json(request)
    const settings = v.parse(v.record(v.string(), v.string()), attributes)
    return { url: await gate.createQueue(named(url, 'name'), settings) }
  },
  'PUT /_gate/bucket': (gate, _request, url) => gate.createBucket(named(url, 'name')),
  'GET /_gate/messages': (gate, _request, url) => gate.messages(named(url, 'queue')),
  'GET /_gate/objects': async (gate, _request, url) =>
    Promise.all(
      (await gate.objects(named(url, 'bucket'))).map(async ({ body, ...object }) => ({
        ...object,
        bytes: body.length,
        text: (await textOf(body, object.key.endsWith('.gz'))).text,
      }))
    ),
  'PUT /_gate/integration': (gate, request, url) =>
    gate.integrations.set(named(url, 'name'), json(request)),
  'GET /_gate/integration-messages': (gate, _request, url) =>
    gate.integrations.messages(named(url, 'name')),
  'GET /_gate/token-requests': (gate, _request, url) =>
    gate.integrations.tokenRequests(named(url, 'name')),
  'GET /_gate/requests': (gate) => ({ requests: gate.requests, counts: counts(gate.requests) }),
}

/** The HTTP side of the gate, for tests that run inside workerd. Not signed. */
export async function controlAnswer(request: AwsRequest, gate: Gate): Promise<AwsAnswer> {
  const url = new URL(request.url, 'http://localhost')
  const route = ROUTES[`${request.method} ${url.pathname}`]
  if (route === undefined)
    return answerOf(404, { error: `No route ${request.method} ${url.pathname}` })
  try {
    return answerOf(200, (await route(gate, request, url)) ?? {})
  } catch (error) {
    return answerOf(400, { error: error instanceof Error ? error.message : String(error) })
  }
}

function answerOf(status: number, value: unknown): AwsAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  }
}

/** How many requests there were of each service, action and status. */
function counts(requests: LoggedRequest[]): Record<string, number> {
  const tally: Record<string, number> = {}
  for (const { service, action, status } of requests) {
    for (const name of [service, `${service}.${action}`, `${service}.${action}.${status}`]) {
      tally[name] = (tally[name] ?? 0) + 1
    }
  }
  return tally
}

function json(request: AwsRequest): unknown {
  return JSON.parse(request.body.toString('utf8'))
}

function named(url: URL, parameter: string): string {
  const name = url.searchParams.get(parameter)
  if (name === null) throw new Error(`The parameter ${parameter} is missing.`)
  return name
}
