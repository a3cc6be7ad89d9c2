import { expect, it } from 'vitest'
import { admin, batchOf, seed, upload } from '../../support/weir'

const lastSeen = async (id: string): Promise<number | null> => {
  const answer = await admin(`/inputs/${id}/status`)
  return ((await answer.json()) as { last_seen_ms: number | null }).last_seen_ms
}

it('is told of an input when it has stored something, and not of what it refused', async () => {
  const { key } = await seed({ sqs: false, input: { allowed_origins: ['https://shop.example'] } })
  const id = key.replace('key-', '')
  expect(await lastSeen(id)).toBeNull()
  const headers = { origin: 'https://elsewhere.example' }
  expect((await upload(key, batchOf(['refused']), { headers })).status).toBe(403)
  expect(await lastSeen(id)).toBeNull()
  const before = Date.now()
  expect((await upload(key, batchOf(['stored']))).status).toBe(202)
  await expect.poll(() => lastSeen(id)).toBeGreaterThanOrEqual(before)
})
