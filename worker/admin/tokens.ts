import { problem, RequestError } from '../base/problem'
import { isSameSecret } from '../base/same-secret'
import { type Bindings, requireSecret } from '../config/deployment'

interface NamedToken {
  name: string
  token: string
}

const named = /^([a-z0-9-]+):(\S{16,})$/
const fewestChars = 16
const onlyName = 'admin'

const malformed = (): RequestError => {
  const message =
    'The secret ADMIN_TOKEN must be one token without : and commas, or name:token in each line (or between commas): a name of a-z, 0-9 and -; each token of 16 characters or more; none of them twice.'
  return new RequestError(503, [problem('invalid_secret', 'ADMIN_TOKEN', message)])
}

const hasRepeats = (all: string[]): boolean => new Set(all).size < all.length

const readTokens = (secret: string): NamedToken[] => {
  const token = secret.trim()
  if (token.length < fewestChars) throw malformed()
  if (!/[:,\n]/.test(token)) return [{ name: onlyName, token }]
  const tokens = token
    .split(/[,\n]/)
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .map((one) => {
      const [, name, token] = named.exec(one) ?? []
      if (name === undefined || token === undefined) throw malformed()
      return { name, token }
    })
  const isAmbiguous =
    hasRepeats(tokens.map(({ name }) => name)) || hasRepeats(tokens.map(({ token }) => token))
  if (tokens.length === 0 || isAmbiguous) throw malformed()
  return tokens
}

/**
 * Whose admin token this is: its name in `ADMIN_TOKEN`, or `admin` where that is one token without a
 * name. Undefined when it is nobody's.
 *
 * @throws RequestError 503 when the secret is missing or cannot be understood
 */
export const nameOfToken = async (env: Bindings, given: string): Promise<string | undefined> => {
  const tokens = readTokens(requireSecret(env, 'ADMIN_TOKEN'))
  // All are looked at, so that the time does not tell whose it is.
  const same = await Promise.all(tokens.map(({ token }) => isSameSecret(given, token)))
  return tokens.find((_, i) => same[i])?.name
}

/** The token that has a name now; undefined when none has. */
export const tokenNamed = (env: Bindings, name: string): string | undefined =>
  readTokens(requireSecret(env, 'ADMIN_TOKEN')).find((one) => one.name === name)?.token
