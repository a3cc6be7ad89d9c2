import { isSameSecret } from '../../base/same-secret'
import { configKeys } from '../../config/deployment'
import type { Input } from '../../config/input'
import { openFirehoseToken } from '../../config/secrets'
import type { Accepting } from '../accepting'

const given = (header: string | undefined): string | undefined =>
  /^token +(.+)$/i.exec(header?.trim() ?? '')?.[1]

/** The enabled input whose token the `Authorization` header names: `Token <token>`. */
export const senderOf = async (
  { env, snapshot }: Pick<Accepting, 'env' | 'snapshot'>,
  authorization: string | undefined
): Promise<Input | undefined> => {
  const token = given(authorization)
  if (token === undefined) return undefined
  const keys = configKeys(env)
  const inputs = snapshot.firehoseInputs.filter((one) => one.enabled)
  // All are looked at, so that the time does not tell which is the right one.
  const same = await Promise.all(
    inputs.map(async (one) => {
      const own = await openFirehoseToken(one, keys)
      return own !== undefined && (await isSameSecret(token, own))
    })
  )
  return inputs.find((_, i) => same[i])
}
