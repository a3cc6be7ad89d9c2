import type { AwsAnswer, AwsRequest } from '../../../worker/commands/aws/request'
import {
  type Before,
  type Cut,
  type LocalAws,
  type Pass,
  startAws,
} from '../../../worker/commands/aws/server'
import { type Call, callOf } from './call'
import type { Credentials, Reason } from './checks'
import { controlAnswer } from './control'
import { faultAnswer } from './fault-answers'
import { type Faults, openFaults } from './faults'
import { type Integrations, openIntegrations } from './integrations'
import { openKeyring } from './keyring'
import { refusalAnswer } from './refusal-answers'
import { type Role, stsAnswer } from './sts'
import { verify } from './verify'

export type { Credentials, Reason } from './checks'
export type { Fault, FaultKind, FaultRule } from './faults'
export type { Role } from './sts'
export { verify } from './verify'

export interface Refusal {
  service: Call['service']
  action: string
  reason: Reason
  message: string
}

export interface LoggedRequest {
  service: Call['service']
  action: string
  bucket?: string
  key?: string
  queue?: string
  functionName?: string
  /** 0 when the connection was cut. */
  status: number
  at: string
  bytes: number
  /** Messages in it: those of a batch, 1 for SendMessage, else 0. */
  entries: number
  /** The fault that struck it. */
  fault?: string
}

export interface GateOptions {
  /** 0, the default, lets the system choose. */
  port?: number
  credentials: Credentials | Credentials[]
  /** `us-east-1` by default. */
  region?: string
  roles?: Role[]
  /** For the faults' random numbers; 1 by default. */
  seed?: number
  now?: () => number
  dataDir?: string
  queues?: string[]
  buckets?: string[]
}

export interface Gate extends LocalAws {
  refusals: Refusal[]
  requests: LoggedRequest[]
  faults: Faults
  /** Who may be assumed; change it as a test needs. */
  roles: Role[]
  /** Firehose integrations, as HTTP endpoints and as Lambda functions. */
  integrations: Integrations
  /** Ends all sessions handed out by AssumeRole. */
  expireSessions(): void
  /** Forgets faults, refusals and requests; with `contents`, also messages, objects and integrations. */
  reset(options?: { contents?: boolean }): Promise<void>
}

/** Starts the local SQS and S3 behind signature checks, with STS and faults on demand. */
export async function startGate(options: GateOptions): Promise<Gate> {
  const { region = 'us-east-1', seed = 1, now = Date.now, port = 0 } = options
  const keyring = openKeyring([options.credentials].flat(), now)
  const faults = openFaults(seed)
  const roles = [...(options.roles ?? [])]
  const integrations = openIntegrations(now)
  const refusals: Refusal[] = []
  const requests: LoggedRequest[] = []

  // What the local AWS does not have is answered here.
  const carryOut = (request: AwsRequest, call: Call, pass: Pass) => {
    if (call.service === 'sts') return stsAnswer(request.body, roles, keyring)
    if (call.functionName === undefined) return pass(request)
    return integrations.invoke(request, call.functionName)
  }

  const decide = async (request: AwsRequest, call: Call, pass: Pass): Promise<Decided> => {
    const verdict = await verify(request, { find: keyring.find, nowMs: now(), region })
    if (!verdict.ok) {
      const { service, reason, message } = verdict
      refusals.push({ service, action: call.action, reason, message })
      return { done: refusalAnswer(service, reason, message) }
    }
    const { delayMs, fault } = faults.strike(call)
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs))
    if (fault !== undefined) {
      if (fault.fault === 'cut_after') await carryOut(request, call, pass)
      const done = await faultAnswer({ request, call, fault, faults, pass })
      return { done, fault: fault.fault }
    }
    return { done: await carryOut(request, call, pass) }
  }

  const before: Before = async (request, pass) => {
    if (request.url.startsWith('/_gate/')) return controlAnswer(request, gate)
    if (integrations.isAddressed(request)) return integrations.answer(request)
    const call = callOf(request)
    const { done, fault } = await decide(request, call, pass)
    const { entryIds, ...where } = call
    requests.push({
      ...where,
      status: 'cut' in done ? 0 : done.status,
      at: new Date(now()).toISOString(),
      bytes: request.body.length,
      entries: call.action === 'SendMessage' ? 1 : entryIds.length,
      ...(fault === undefined ? {} : { fault }),
    })
    // `pass` has run by now if it was to run at all.
    return 'cut' in done ? { cut: 'before' } : done
  }

  const { dataDir } = options
  const aws = await startAws({ port, before, ...(dataDir === undefined ? {} : { dataDir }) })
  const gate: Gate = {
    ...aws,
    refusals,
    requests,
    faults,
    roles,
    integrations,
    expireSessions: keyring.expireSessions,
    async reset({ contents = false } = {}) {
      faults.clear()
      refusals.length = 0
      requests.length = 0
      if (contents) {
        integrations.clear()
        await aws.empty()
      }
    },
  }
  for (const queue of options.queues ?? []) await gate.createQueue(queue)
  for (const bucket of options.buckets ?? []) await gate.createBucket(bucket)
  return gate
}

interface Decided {
  done: AwsAnswer | Cut
  fault?: string
}
