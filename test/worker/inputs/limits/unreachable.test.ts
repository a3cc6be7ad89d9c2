import { afterEach, expect, it, vi } from 'vitest'
import { RateLimit } from '../../../../worker/rates/rate-limit'
import { batchOf, seed, upload } from '../../../support/weir'

afterEach(() => {
  vi.restoreAllMocks()
})

it('lets requests and events in while nobody can be asked, and says so once', async () => {
  const refuse = () => {
    throw new Error('Not now.')
  }
  vi.spyOn(RateLimit.prototype, 'askMinute').mockImplementation(refuse)
  vi.spyOn(RateLimit.prototype, 'askQuota').mockImplementation(refuse)
  const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
  const limits = { requests_per_minute: 4, requests_per_minute_per_address: 4, events_per_day: 4 }
  const { key } = await seed({ sqs: false, input: { limits } })
  const headers = { 'cf-connecting-ip': '203.0.113.9' }
  for (let i = 0; i < 4; i++) {
    expect((await upload(key, batchOf(['a', 'b']), { headers })).status).toBe(202)
  }
  expect(warned).toHaveBeenCalledTimes(1)
})
