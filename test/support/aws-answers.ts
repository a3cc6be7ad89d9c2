import { vi } from 'vitest'

/** A request to AWS as it left, with what its signature says. */
export interface AwsCall {
  method: string
  url: string
  headers: Record<string, string>
  body: string
  signed: { key: string; region: string; service: string }
}

export interface AwsCalls {
  calls: AwsCall[]
  signatures: string[]
}

const authorization =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=\S+, Signature=([0-9a-f]{64})$/

const readCall = async (request: Request): Promise<{ call: AwsCall; signature: string }> => {
  const { authorization: given = '', ...headers } = Object.fromEntries(request.headers)
  const [, key = '', region = '', service = '', signature = ''] = authorization.exec(given) ?? []
  const { method, url } = request
  const body = new TextDecoder().decode(await request.arrayBuffer())
  return { call: { method, url, headers, body, signed: { key, region, service } }, signature }
}

/** Scripts AWS: what it answers to each call. The calls are recorded. */
export const scriptAws = (answer: (call: AwsCall, count: number) => Response): AwsCalls => {
  const recorded: AwsCalls = { calls: [], signatures: [] }
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const { call, signature } = await readCall(new Request(input, init))
    recorded.calls.push(call)
    recorded.signatures.push(signature)
    return answer(call, recorded.calls.length)
  })
  return recorded
}

export const assumedRole = (expiresMs: number, id = 'ASIAROLE'): Response =>
  new Response(
    `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>${id}</AccessKeyId>` +
      '<SecretAccessKey>role-secret</SecretAccessKey><SessionToken>role-token</SessionToken>' +
      `<Expiration>${new Date(expiresMs).toISOString()}</Expiration></Credentials>` +
      '</AssumeRoleResult></AssumeRoleResponse>'
  )

interface BatchRequest {
  QueueUrl: string
  Entries: { Id: string; MessageBody: string; [name: string]: unknown }[]
}

export const readBatchRequest = (call: AwsCall): BatchRequest => JSON.parse(call.body)

/** The queue takes all of a SendMessageBatch. */
export const takenBatch = (call: AwsCall): Response =>
  Response.json({
    Successful: readBatchRequest(call).Entries.map(({ Id }) => ({ Id, MessageId: `m-${Id}` })),
  })

export const awsError = (status: number, code: string, message = ''): Response =>
  Response.json({ __type: `com.amazonaws.sqs#${code}`, message }, { status })
