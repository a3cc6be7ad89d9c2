import type { Answered } from './answer'

const timeoutMs = 60_000

/** Sends once. Never throws, never follows a redirect, reads at most `longestBytes` of the body. */
export const sendOnce = async (
  request: Request,
  longestBytes: number
): Promise<Omit<Answered, 'from'> | { failed: string }> => {
  try {
    const response = await fetch(request, {
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    const { status, headers } = response
    return { status, headers, ...(await readStart(response, longestBytes)) }
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) }
  }
}

const readStart = async (
  response: Response,
  longestBytes: number
): Promise<{ text: string; isCut: boolean }> => {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  const reader = response.body?.getReader()
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    const left = longestBytes - bytes
    bytes += part.value.byteLength
    text += decoder.decode(part.value.subarray(0, left), { stream: true })
    if (bytes > longestBytes) {
      // An unread body holds one of the six connections that a Durable Object may have open.
      await reader?.cancel()
      return { text, isCut: true }
    }
  }
  return { text: text + decoder.decode(), isCut: false }
}

// Headers of the message and of the connection must not be set.
const reservedNames =
  /^(host|connection|content-.*|transfer-encoding|te|trailer|upgrade|expect|cookie)$/i
const nameForm = /^[\w!#$%&'*+.^`|~-]+$/

/** Whether an integration may have a header of this name set. */
export const isHeaderName = (name: string): boolean =>
  nameForm.test(name) && !reservedNames.test(name)

/** Whether a text can be the value of a header: printable ASCII. */
export const isHeaderValue = (value: string): boolean => /^[\x20-\x7e]*$/.test(value)
