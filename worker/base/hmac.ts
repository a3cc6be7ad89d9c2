const encoder = new TextEncoder()

/** Imports a key of HMAC-SHA-256. */
export const importHmacKey = (raw: string | ArrayBuffer) =>
  crypto.subtle.importKey(
    'raw',
    typeof raw === 'string' ? encoder.encode(raw) : raw,
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign', 'verify']
  )

export type HmacKey = Awaited<ReturnType<typeof importHmacKey>>

export const hmac = (key: HmacKey, text: string): Promise<ArrayBuffer> =>
  crypto.subtle.sign('HMAC', key, encoder.encode(text))
