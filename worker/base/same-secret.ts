const digest = (text: string): Promise<ArrayBuffer> =>
  crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))

/** Compares without telling by its time how much of the two is alike, their lengths included. */
export const isSameSecret = async (given: string, secret: string): Promise<boolean> =>
  crypto.subtle.timingSafeEqual(await digest(given), await digest(secret))
