// What weir wrote itself. The receiver's text that follows may quote the request or a URL.
const weirPrefix = /^([^\n]*?(?:HTTP \d{3}|No answer|The function failed))/

// An error code of AWS or OAuth2, with which the receiver's text begins.
const code =
  /^,? ((?:AccessDenied|NoSuch|Invalid|Signature|Expired|Throttl|SlowDown|Internal|ServiceUnavailable|Kms|KMS|AWS\.|QueueDoesNotExist|RequestTime|AllAccessDisabled|AuthorizationHeader|PermanentRedirect|MissingAuthentication|UnrecognizedClient)[\w.]{0,60}|\w{2,60}Exception|(?:invalid|unauthorized|unsupported)_(?:request|client|grant|grant_type|scope))(?=[ :,.]|$)/

const maxChars = 300

/**
 * The part of a failure's reason that may be logged and measured: weir's own words, a status and a
 * code. The whole reason is shown only to the owner.
 */
export const reasonClass = (reason: string): string => {
  const words = weirPrefix.exec(reason)?.[1]
  if (words === undefined) return (reason.split('\n')[0] ?? '').slice(0, maxChars)
  const errorCode = code.exec(reason.slice(words.length))?.[0] ?? ''
  return `${words}${errorCode}`.slice(0, maxChars)
}
