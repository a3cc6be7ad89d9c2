import { env } from 'cloudflare:workers'
import * as v from 'valibot'
import { afterEach, expect, it, vi } from 'vitest'
import { inputSchema } from '../../../worker/config/input'
import { allowAddress } from '../../../worker/rates/minute-allowance'
import { RateLimit } from '../../../worker/rates/rate-limit'

afterEach(() => {
  vi.restoreAllMocks()
})

it('asks the rate limiting binding instead of the object where it is bound', async () => {
  const ask = vi.spyOn(RateLimit.prototype, 'askMinute')
  const keys: string[] = []
  const ADDRESS_LIMIT = {
    limit: async ({ key }: { key: string }) => {
      keys.push(key)
      return { success: keys.length < 3 }
    },
  }
  const limits = { requests_per_minute_per_address: 8 }
  const input = v.parse(inputSchema, { id: `i-${crypto.randomUUID()}`, key: 'a-key', limits })
  const allowed: boolean[] = []
  for (let i = 0; i < 6; i++) {
    allowed.push(await allowAddress({ ...env, ADDRESS_LIMIT } as typeof env, input, 'ab12'))
  }
  // Two by itself, two by the binding, and then no more.
  expect(allowed).toEqual([true, true, true, true, false, false])
  expect(keys).toEqual(Array(3).fill(`${input.id} ab12`))
  expect(ask).not.toHaveBeenCalled()
})
