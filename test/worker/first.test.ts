import { expect, it, vi } from 'vitest'
import { gate } from '../support/gate-client'
import {
  batchOf,
  runAlarms,
  s3Connection,
  seed,
  sqsConnection,
  status,
  upload,
} from '../support/weir'

it('carries a page’s events to the bucket and the queue', async () => {
  const seeded = await seed()
  const answer = await upload(seeded.key, batchOf(['one', 'two']))
  expect(answer.status).toBe(202)
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 601_000 })
  await runAlarms('PROFILE')
  vi.setSystemTime(Date.now() + 61_000)
  await runAlarms('OUTBOX')
  vi.useRealTimers()
  const objects = await gate.objects(seeded.bucket)
  console.log(objects, await gate.messages(seeded.queue))
  console.log(
    JSON.stringify(await status(s3Connection(seeded)), null, 1),
    await status(sqsConnection(seeded))
  )
  expect(objects).toHaveLength(1)
})
