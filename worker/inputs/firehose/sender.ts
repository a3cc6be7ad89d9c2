import { isSameSecret } from '../../base/same-secret'
import { configKeys } from '../../config/deployment'
import type { Input } from '../../config/input'
import { openFirehoseToken } from '../../config/secrets'
import type { InputRequest } from '../upload/request'

const readToken = (header: string | undefined): string | undefined =>
  /^token +(.+)$/i.exec(header?.trim() ?? '')?.[1]

/** The enabled input whose token the `Authorization` header has: `Token <token>`. */
export const senderOf = async (
  { env, snapshot }: Pick<InputRequest, 'env' | 'snapshot'>,
  authorization: string | undefined
): Promise<Input | undefined> => {
  const token = readToken(authorization)
  if (token === undefined) return undefined
  const keys = configKeys(env)
  const inputs = snapshot.firehoseInputs.filter((input) => input.enabled)
  // All are compared, so that the time does not tell which one matches.
  const matches = await Promise.all(
    inputs.map(async (input) => {
      const expected = await openFirehoseToken(input, keys)
      return expected !== undefined && (await isSameSecret(token, expected))
    })
  )
  return inputs.find((_, index) => matches[index])
}
