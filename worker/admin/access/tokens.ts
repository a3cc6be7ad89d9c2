import { problem, RequestError } from '../../base/problem'
import { isSameSecret } from '../../base/same-secret'
import { type Bindings, requireSecret } from '../../config/deployment'

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
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [, name, token] = named.exec(entry) ?? []
      if (name === undefined || token === undefined) throw malformed()
      return { name, token }
    })
  const isAmbiguous =
    hasRepeats(tokens.map(({ name }) => name)) || hasRepeats(tokens.map(({ token }) => token))
  if (tokens.length === 0 || isAmbiguous) throw malformed()
  return tokens
}

/**
 * The name of an admin token in `ADMIN_TOKEN`, or `admin` where that is one token without a name.
 * Undefined when the token is wrong.
 *
 * @throws RequestError 503 when the secret is missing or cannot be understood
 */
export const nameOfToken = async (env: Bindings, token: string): Promise<string | undefined> => {
  const tokens = readTokens(requireSecret(env, 'ADMIN_TOKEN'))
  // All are compared, so that the time taken does not reveal which one it is.
  const matches = await Promise.all(
    tokens.map(async (known) => ((await isSameSecret(token, known.token)) ? [known.name] : []))
  )
  return matches.flat()[0]
}

/** The token with a name; undefined when there is none. */
export const tokenNamed = (env: Bindings, name: string): string | undefined =>
  readTokens(requireSecret(env, 'ADMIN_TOKEN')).find((token) => token.name === name)?.token
