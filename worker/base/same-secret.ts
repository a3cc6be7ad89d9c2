const digest = (text: string): Promise<ArrayBuffer> =>
  crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))

/** Compares in constant time. Digests are compared, so that not even the lengths are revealed. */
export const isSameSecret = async (received: string, secret: string): Promise<boolean> =>
  crypto.subtle.timingSafeEqual(await digest(received), await digest(secret))
