import { toHex } from '../../base/hash'
import { hmac, importHmacKey } from '../../base/hmac'
import { type Bindings, objectsOf } from '../../config/deployment'
import { subscriberOf } from '../../dialects/privacy/address'
import { askLimit } from '../../rates/asking'
import { minuteOf } from '../../rates/minute'

const attemptsPerMinute = 10

/** Whether an address (of IPv6: its /64 network) may try one more token in this minute. */
export const allowAttempt = async (env: Bindings, address: string): Promise<boolean> => {
  const now = Date.now()
  const name = toHex(await hmac(await importHmacKey('console sign-in'), subscriberOf(address)))
  const object = objectsOf(env).RATE_LIMIT.getByName('console/sign-in')
  const request = { minute: minuteOf(now), limit: attemptsPerMinute, unreported: 0, wanted: 1 }
  return (await askLimit(now, async () => object.askMinute(name, request))) !== 0
}
