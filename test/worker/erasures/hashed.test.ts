import { expect, it } from 'vitest'
import { admin, batchOf, put, seed, upload } from '../../support/weir'

const readInput = async (key: string): Promise<{ id: string; privacy?: unknown }> =>
  (await admin(`/inputs/${key.replace('key-', '')}`)).json()

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
  // The rule may have gone since.
  const { privacy: _privacy, ...input } = await readInput(key)
  expect((await put(`/inputs/${input.id}`, input)).status).toBe(200)
  const erased = async () => {
    const body = JSON.stringify({ user_identities: { email } })
    const answer = await admin('/erasures', { method: 'POST', body })
    const { erased: all } = (await answer.json()) as { erased: { profile: boolean }[] }
    return all.filter((one) => one.profile).length
  }
  await expect.poll(erased).toBe(1)
  expect(await erased()).toBe(0)
})
