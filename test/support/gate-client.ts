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
}
