import { abortAllDurableObjects } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { moveClock } from '../../support/weir'

afterEach(() => {
  vi.useRealTimers()
})

const limitOf = (id: string, per_second: number) => ({
  ask: (isolate: string, batches: number, ahead = 0) =>
    env.RATE_LIMIT.getByName(id).ask(isolate, { per_second, batches, ahead }),
})

describe('the object of a limit', () => {
  it('grants two isolates together no more than the limit, and others theirs', async () => {
    moveClock(0)
    const limit = limitOf('shared', 200)
    const answers = [
      await limit.ask('a', 20, 1000),
      await limit.ask('b', 20, 1000),
      await limit.ask('a', 60, 1000),
      await limit.ask('b', 20, 1000),
    ]
    const granted = answers.map((one) => one.granted)
    expect(granted[0]).toBe(200)
    expect(granted.slice(1)).toEqual([0, 0, 0])
    expect(answers[1]!.retry_ms).toBe(1000)
    expect((await limitOf('neighbour', 200).ask('a', 20)).granted).toBe(20)
    moveClock(1000)
    expect((await limit.ask('b', 20, 1000)).granted).toBe(200)
  })

  it('shares what is free among the isolates that asked lately', async () => {
    moveClock(0)
    const limit = limitOf('fair', 1000)
    await limit.ask('a', 1)
    expect((await limit.ask('b', 1, 1000)).granted).toBe(1 + 499)
    moveClock(501)
    expect((await limit.ask('b', 1, 1000)).granted).toBe(499)
  })

  it('remembers a window that is longer than an idle object lives', async () => {
    moveClock(0)
    const limit = limitOf('slow', 2)
    expect((await limit.ask('a', 100)).granted).toBe(100)
    await abortAllDurableObjects()
    moveClock(20_000)
    expect(await limit.ask('a', 1)).toEqual({ granted: 0, used_percent: 100, retry_ms: 30_000 })
    moveClock(30_000)
    expect((await limit.ask('a', 1)).granted).toBe(1)
  })
})
