import { describe, expect, it } from 'vitest'
import { runChaos } from '../chaos/run'

describe('the worker, killed at random moments under load, while its outputs fail', () => {
  it('loses nothing that it acknowledged, puts nothing twice into S3, tells each enter and exit, and keeps its books', async () => {
    const report = await runChaos({ seed: 7, kills: 3, uploads: 150, writers: 4 })
    expect(report.problems).toEqual([])
    expect(report.kills).toBeGreaterThanOrEqual(3)
    expect(report.objects).toBeGreaterThan(0)
    expect(report.messages).toBeGreaterThan(0)
    expect(report.changes).toBeGreaterThan(20)
  }, 240_000)
})
