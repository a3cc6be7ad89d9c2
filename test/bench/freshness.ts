import type { Gate } from '../support/gate/gate'

/** From the end of a batch's window until it landed, ms, for every batch. */
export interface Freshness {
  s3: number[]
  sqs: number[]
}

// The generator writes into each event when it sent it, and the first opens the window.
const closedMs = (text: string, windowMs: number): number => {
  const { events } = JSON.parse(text)
  const sent = events.map((event: { data: { timestamp_unixtime_ms: string } }) =>
    Number(event.data.timestamp_unixtime_ms)
  )
  return Math.min(...sent) + windowMs
}

export const freshness = async (
  gate: Gate,
  { bucket, queue }: { bucket: string; queue: string },
  windowMs: number
): Promise<Freshness> => {
  const landedMs = new Map(
    gate.requests
      .filter((one) => one.bucket === bucket && one.status === 200)
      .map((one) => [one.key, Date.parse(one.at)])
  )
  const objects = await gate.objects(bucket)
  const s3 = objects
    .filter(({ key }) => !key.includes('_Bucket_Verification_'))
    .flatMap(({ key, body }) =>
      body
        .toString('utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => (landedMs.get(key) ?? Number.NaN) - closedMs(line, windowMs))
    )
  const sqs = (await gate.messages(queue)).map(
    ({ body, sentAtMs }) => sentAtMs - closedMs(body, windowMs)
  )
  return { s3, sqs }
}
