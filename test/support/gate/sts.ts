import { randomUUID } from 'node:crypto'
import * as v from 'valibot'
import { escapeXml, stsError } from '../../../worker/commands/aws/error-answers'
import type { AwsAnswer } from '../../../worker/commands/aws/request'
import type { Keyring } from './keyring'

const MIN_DURATION_S = 900
const MAX_DURATION_S = 43_200

export const roleSchema = v.strictObject({
  arn: v.string(),
  /** When set, callers must name it. */
  externalId: v.optional(v.string()),
  /** Overrides what the caller asks for, also below the 900 s AWS allows. */
  lifetimeS: v.optional(v.number()),
})

/** A role that may be assumed with any credentials the gate knows. */
export type Role = v.InferOutput<typeof roleSchema>

/** Answers AssumeRole, the one operation weir needs. */
export function stsAnswer(body: Buffer, roles: Role[], keyring: Keyring): AwsAnswer {
  const form = new URLSearchParams(body.toString('utf8'))
  const action = form.get('Action') ?? ''
  if (action !== 'AssumeRole' || form.get('Version') !== '2011-06-15') {
    return stsError(400, 'InvalidAction', `Could not find operation ${action}`)
  }
  const sessionName = form.get('RoleSessionName') ?? ''
  const durationS = Number(form.get('DurationSeconds') ?? 3600)
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
    return stsError(400, 'ValidationError', 'RoleSessionName is missing or malformed')
  }
  if (!(durationS >= MIN_DURATION_S && durationS <= MAX_DURATION_S)) {
    return stsError(400, 'ValidationError', 'DurationSeconds must be between 900 and 43200')
  }
  const arn = form.get('RoleArn') ?? ''
  const role = roles.find((candidate) => candidate.arn === arn)
  const isAllowed =
    role !== undefined &&
    (role.externalId === undefined || role.externalId === form.get('ExternalId'))
  if (!isAllowed) {
    const message = `User is not authorized to perform: sts:AssumeRole on resource: ${arn}`
    return stsError(403, 'AccessDenied', message)
  }
  return assumed(`${arn}/${sessionName}`, keyring.issue(role.lifetimeS ?? durationS))
}

function assumed(arn: string, session: ReturnType<Keyring['issue']>): AwsAnswer {
  const requestId = randomUUID()
  const fields = {
    AccessKeyId: session.accessKeyId,
    SecretAccessKey: session.secretAccessKey,
    SessionToken: session.sessionToken,
    Expiration: new Date(session.expiresAtMs).toISOString().replace(/\.\d{3}/, ''),
  }
  const credentials = Object.entries(fields).map(([name, value]) => `<${name}>${value}</${name}>`)
  return {
    status: 200,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleResult>
    <AssumedRoleUser>
      <Arn>${escapeXml(arn)}</Arn>
      <AssumedRoleId>${session.accessKeyId}:${escapeXml(arn.slice(arn.lastIndexOf('/') + 1))}</AssumedRoleId>
    </AssumedRoleUser>
    <Credentials>${credentials.join('')}</Credentials>
  </AssumeRoleResult>
  <ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>
</AssumeRoleResponse>
`,
  }
}
