import { inject } from 'vitest'

export interface GateObject {
  key: string
  text: string
  headers: Record<string, string>
}

export interface GateMessage {
  id: string
  body: string
  attributes: Record<string, { StringValue?: string; DataType?: string }>
  groupId?: string
  dedupId?: string
}

export interface GateFault {
  match?: { service?: string; action?: string; bucket?: string; queue?: string }
  fault: string
  times?: number
  params?: Record<string, unknown>
}

/**
 * How an integration behaves; what is not given stays as it was.
 *
 * - `registration`: what it says of itself, without the envelope (`type`, `id` … are added)
 * - `token`: asked for as `Authorization: Token …`; messages without it get 401, a registration not
 * - `oauth`: asked for is the latest token of `POST tokenUrl`; given anew, those so far are void
 * - `answers`: the first that matches and is not used up; without any, 200 and the response of the
 *   protocol. `fields` are added to that response, `body` replaces it (text goes as it is).
 *   `cut` takes the message and drops the connection. As a Lambda: `function_error` for a function
 *   that threw, `api_error` (with `status`, 429 by default) for a refusal of the service.
 */
export interface IntegrationScript {
  registration?: Record<string, unknown>
  token?: string
  oauth?: {
    expires_in?: number
    /** The header with the token; `authorization`, as a bearer, by default. */
    header?: string
    answers?: {
      times?: number
      status?: number
      headers?: Record<string, string>
      body?: unknown
    }[]
  }
  answers?: {
    match?: { type?: string; contains?: string }
    times?: number
    delay_ms?: number
    cut?: boolean
    status?: number
    headers?: Record<string, string>
    body?: unknown
    fields?: Record<string, unknown>
    function_error?: { errorType?: string; errorMessage?: string }
    api_error?: string
  }[]
}

/** A message as the integration got it. */
export interface IntegrationMessage {
  /** What follows the integration's URL, such as `/events`; '' for the URL itself and as a Lambda. */
  path: string
  /** As a Lambda: the alias or version. */
  qualifier?: string
  headers: Record<string, string>
  /** The body's text. */
  message: string
}

// Test files share the gate and run side by side.
const scope = crypto.randomUUID()

const call = async (path: string, init?: RequestInit): Promise<Response> => {
  const response = await fetch(`${inject('gateUrl')}/_gate/${path}`, init)
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return response
}

const read = async <T>(path: string): Promise<T> => (await call(path)).json() as Promise<T>

/** The gate in front of the local SQS and S3, driven from inside workerd. */
export const gate = {
  get url(): string {
    return inject('gateUrl')
  },
  queueUrl: (name: string): string => `${inject('gateUrl')}/000000000000/${name}`,
  makeBucket: async (name: string): Promise<void> => {
    await call(`bucket?name=${name}`, { method: 'PUT' })
  },
  makeQueue: async (name: string, attributes: Record<string, string> = {}): Promise<void> => {
    await call(`queue?name=${name}`, { method: 'PUT', body: JSON.stringify(attributes) })
  },
  objects: async (bucket: string): Promise<GateObject[]> => {
    const all = await read<GateObject[] | { objects: GateObject[] }>(`objects?bucket=${bucket}`)
    const list = Array.isArray(all) ? all : all.objects
    return list.filter((one) => !one.key.includes('_Bucket_Verification_'))
  },
  allObjects: async (bucket: string): Promise<GateObject[]> => {
    const all = await read<GateObject[] | { objects: GateObject[] }>(`objects?bucket=${bucket}`)
    return Array.isArray(all) ? all : all.objects
  },
  messages: async (queue: string): Promise<GateMessage[]> => {
    const all = await read<GateMessage[] | { messages: GateMessage[] }>(`messages?queue=${queue}`)
    return Array.isArray(all) ? all : all.messages
  },
  faults: async (rules: GateFault[]): Promise<void> => {
    await call(`faults?scope=${scope}`, { method: 'PUT', body: JSON.stringify(rules) })
  },
  roles: async (
    roles: { arn: string; externalId?: string; lifetimeS?: number }[]
  ): Promise<void> => {
    await call('roles', { method: 'PUT', body: JSON.stringify(roles) })
  },
  requests: async (): Promise<
    {
      service: string
      action: string
      status: number
      bucket?: string
      queue?: string
      entries: number
    }[]
  > => (await read<{ requests: never[] }>('requests')).requests,
  expireSessions: async (): Promise<void> => {
    await call('expire', { method: 'POST' })
  },
  /**
   * A Firehose integration of this test file, at `url` (`/events`, `/audiences` and `/registration`
   * below it answer alike) and as the Lambda function `arn` behind `gate.url`, which checks the
   * signature. It exists once `script` was called. `messages` are all that came, refused ones too.
   */
  integration: (name: string) => {
    const id = `${name}-${scope.slice(0, 8)}`
    return {
      name: id,
      url: `${inject('gateUrl')}/integrations/${id}`,
      tokenUrl: `${inject('gateUrl')}/oauth/${id}/token`,
      arn: (alias = 'live'): string =>
        `arn:aws:lambda:us-east-1:000000000000:function:${id}:${alias}`,
      script: async (script: IntegrationScript): Promise<void> => {
        await call(`integration?name=${id}`, { method: 'PUT', body: JSON.stringify(script) })
      },
      messages: (): Promise<IntegrationMessage[]> => read(`integration-messages?name=${id}`),
      tokenRequests: (): Promise<
        { form: Record<string, string>; headers: Record<string, string> }[]
      > => read(`token-requests?name=${id}`),
    }
  },
}
