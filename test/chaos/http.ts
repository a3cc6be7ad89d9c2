import { Agent, request } from 'node:http'

export interface Asked {
  method: 'GET' | 'POST' | 'PUT'
  headers?: Record<string, string>
  body?: string | Uint8Array
  timeoutMs: number
}

/** `status` is 0 when there was no whole answer in time. */
export interface Answered {
  status: number
  text: string
}

const agent = new Agent({ keepAlive: true })

// Not `fetch`: on Node 20 one that is aborted by a signal's timeout may stay pending for ever.
export const ask = (url: string, asked: Asked): Promise<Answered> =>
  new Promise((done) => {
    const { method, headers = {}, body, timeoutMs } = asked
    const sent = request(url, { method, headers, agent }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', fail)
      response.on('close', fail)
      response.on('end', () => {
        clearTimeout(late)
        done({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') })
      })
    })
    const fail = (): void => {
      clearTimeout(late)
      sent.destroy()
      done({ status: 0, text: '' })
    }
    const late = setTimeout(fail, timeoutMs)
    sent.on('error', fail)
    sent.on('close', fail)
    sent.end(body)
  })
