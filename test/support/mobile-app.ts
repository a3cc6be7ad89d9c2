import { contextOf, mobileInput } from './mobile-event'
import { linesIn, passFile, passWindow, seed } from './weir'

/** An app of Mobile Analytics with an S3 connection. */
export const seedApp = (
  fields: Record<string, unknown> = {},
  input: Record<string, unknown> = {}
) => seed({ sqs: false, input: { ...mobileInput(fields), ...input } })

/** What lands once all windows are over. */
export const delivered = async (bucket: string) => {
  await passWindow()
  await passFile()
  return linesIn(bucket)
}

/** Contexts of a client of each test's own, so that tests share no profile. */
export const clientOf = (client_id = crypto.randomUUID()) => contextOf({ client: { client_id } })

export const packed = async (text: string): Promise<Uint8Array> => {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

export const base64 = (text: string): string =>
  btoa(String.fromCharCode(...new TextEncoder().encode(text)))
