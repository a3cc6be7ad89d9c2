import type { TokenRequest } from './oauth2'
import type { TokenAnswer } from './token-answer'

const timeoutMs = 30_000
const maxAnswerBytes = 65_536

const readBounded = async ({ body }: Response): Promise<string | undefined> => {
  const decoder = new TextDecoder()
  let [text, bytes] = ['', 0]
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength
    // Leaving the loop cancels the stream.
    if (bytes > maxAnswerBytes) return undefined
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

/** Sends a token request once, without following redirects. Never throws. */
export const sendTokenRequest = async ({ url, body }: TokenRequest): Promise<TokenAnswer> => {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'application/json',
        'user-agent': 'weir',
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    const { status, headers } = response
    const text = await readBounded(response)
    if (text === undefined) return { failed: `more than ${maxAnswerBytes} bytes came` }
    return { status, headers, text }
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) }
  }
}
