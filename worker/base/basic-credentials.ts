export interface BasicCredentials {
  key: string
  secret: string
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The user and password of a Basic `Authorization` header, in UTF-8. */
export const readBasic = (header: string): BasicCredentials | undefined => {
  const encoded = /^Basic +(\S+)$/i.exec(header)?.[1]
  if (encoded === undefined) return undefined
  try {
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0))
    const text = decoder.decode(bytes)
    const colon = text.indexOf(':')
    return colon < 0 ? undefined : { key: text.slice(0, colon), secret: text.slice(colon + 1) }
  } catch {
    return undefined
  }
}
