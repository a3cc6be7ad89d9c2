import { expect, it } from 'vitest'
import { admin, batchOf, seed, upload } from '../../support/weir'

it.each([
  ['an mpid that derives from it', undefined],
  ['an mpid that a client gave', '8400000000000077001'],
])('finds whose identity an input had hashed, under %s', async (_, mpid) => {
  const { key } = await seed({
    sqs: false,
    input: { privacy: { hash: ['user_identities.email'] } },
  })
  const email = `${crypto.randomUUID()}@example.org`
  const batch = { ...batchOf(['signed up'], { user_identities: { email } }), mpid }
  expect((await upload(key, batch)).status).toBe(202)
  const erased = async () => {
    const body = JSON.stringify({ user_identities: { email } })
    const answer = await admin('/erasures', { method: 'POST', body })
    const { erased: all } = (await answer.json()) as { erased: { profile: boolean }[] }
    return all.filter((one) => one.profile).length
  }
  await expect.poll(erased).toBe(1)
  expect(await erased()).toBe(0)
})
