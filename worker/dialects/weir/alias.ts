import { isObject, type JsonObject, omit, stringifyJson } from '../../base/json'
import { type Problem, problem, type Result } from '../../base/problem'
import { correctAliasClock } from '../clock'
import {
  type AliasRequest,
  type AliasUsers,
  aliasData,
  checkAlias,
  missingData,
} from '../mparticle-web/alias'
import { mpidOfUser, readMpid } from '../mpid'

type Role = keyof AliasUsers

const mpidOfRole = (
  data: JsonObject,
  role: Role,
  identityKey: () => string
): string | Promise<string> | undefined => {
  const user = data[role]
  return (
    readMpid(data[`${role}_mpid`]) ?? (isObject(user) ? mpidOfUser(user, identityKey) : undefined)
  )
}

const missingUser = (role: Role): Problem =>
  problem('required', `data.${role}`, `The ${role} has no user_identities and no mp_deviceid.`)

const usersOf = async (
  data: JsonObject,
  identityKey: () => string
): Promise<Result<AliasUsers>> => {
  const source = await mpidOfRole(data, 'source', identityKey)
  const destination = await mpidOfRole(data, 'destination', identityKey)
  const problems: Problem[] = []
  if (!source) problems.push(missingUser('source'))
  if (!destination) problems.push(missingUser('destination'))
  if (source && source === destination) {
    const message = 'source and destination are the same user.'
    problems.push(problem('invalid', 'data.source', message))
  }
  return source && destination && problems.length === 0
    ? { ok: true, value: { source, destination } }
    : { ok: false, problems }
}

/**
 * Decodes an alias request of weir's SDK. The SDK knows no mpids, so it names source and
 * destination by the `user_identities` and `mp_deviceid` of their batches; `source_mpid` and
 * `destination_mpid` take precedence where they are set.
 *
 * @param now the time of receipt, ms, by which the sender's clock is corrected
 * @returns the text has the mpids instead, as mParticle's clients send it
 */
export const decodeWeirAlias = async (
  body: JsonObject,
  now: number,
  identityKey: () => string
): Promise<Result<{ alias: AliasRequest; text: string }>> => {
  const sentData = aliasData(body)
  if (!sentData) return missingData()
  const data = correctAliasClock(sentData, body.sent_unixtime_ms, now)
  const alias = checkAlias(body, data, await usersOf(data, identityKey))
  if (!alias.ok) return alias
  const { source, destination } = alias.value
  const text = stringifyJson({
    ...omit(body, ['sent_unixtime_ms']),
    data: {
      ...omit(data, ['source', 'destination']),
      source_mpid: source,
      destination_mpid: destination,
    },
  })
  return { ok: true, value: { alias: alias.value, text } }
}
