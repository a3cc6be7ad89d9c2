import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import type { Rejected } from '../../../worker/config/workspace'

const workspace = env.WORKSPACE.getByName('workspace')

const rejectedEvents = (input: string, count: number): Rejected[] =>
  Array.from({ length: count }, (_, i) => ({
    at_ms: i,
    input,
    problems: [{ code: 'invalid', path: '', message: `${i}` }],
    payload: '',
  }))

const timesOf = async (input: string) => {
  const { rejected } = await workspace.rejected(2000)
  return rejected
    .filter((rejection) => rejection.input === input)
    .map((rejection) => Number(rejection.at_ms))
}

it('retains the newest 500 rejected events of inputs, 200 of each, and 50 with unknown credentials', async () => {
  const inputs = ['web', 'ios', 'android']
  for (const input of inputs) await workspace.reject(rejectedEvents(input, 510), 510)
  await workspace.reject(rejectedEvents('', 700), 700)
  expect((await Promise.all(inputs.map(timesOf))).map((times) => times.length)).toEqual([
    100, 200, 200,
  ])
  for (const input of inputs) expect(Math.max(...(await timesOf(input)))).toBe(509)
  expect(Math.min(...(await timesOf('ios')))).toBe(310)
  expect(await timesOf('')).toHaveLength(50)
  expect(Math.max(...(await timesOf('')))).toBe(699)
  expect((await workspace.rejected(1)).count).toBe(2230)
})

it('retains the rejected events of an input, however many another has', async () => {
  await workspace.reject(rejectedEvents('quiet', 3), 3)
  for (let i = 0; i < 10; i++) await workspace.reject(rejectedEvents('loud', 100), 100)
  expect(await timesOf('quiet')).toHaveLength(3)
  expect(await timesOf('loud')).toHaveLength(200)
})
