// What follows is a receiver's text, which may quote what it was sent, or a URL.
const ownPart = /^([^\n]*?(?:HTTP \d{3}|No answer|The function failed))/

// Codes of AWS and of OAuth2, which stand first in what they say.
const code =
  /^,? ((?:AccessDenied|NoSuch|Invalid|Signature|Expired|Throttl|SlowDown|Internal|ServiceUnavailable|Kms|KMS|AWS\.|QueueDoesNotExist|RequestTime|AllAccessDisabled|AuthorizationHeader|PermanentRedirect|MissingAuthentication|UnrecognizedClient)[\w.]{0,60}|\w{2,60}Exception|(?:invalid|unauthorized|unsupported)_(?:request|client|grant|grant_type|scope))(?=[ :,.]|$)/

const longest = 300

/**
 * What may be logged and measured of the reason of a failure: weir's own words, a status and a code.
 * All of it is told where only the owner looks.
 */
export const reasonClass = (reason: string): string => {
  const own = ownPart.exec(reason)?.[1]
  if (own === undefined) return (reason.split('\n')[0] ?? '').slice(0, longest)
  const known = code.exec(reason.slice(own.length))?.[0] ?? ''
  return `${own}${known}`.slice(0, longest)
}
