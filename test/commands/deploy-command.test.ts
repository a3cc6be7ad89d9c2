import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'

it('says what is missing to those who are not logged in, where nobody can be asked', () => {
  const home = mkdtempSync(join(tmpdir(), 'weir-home-'))
  try {
    const { CLOUDFLARE_API_TOKEN: _, ...env } = process.env
    const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', 'deploy'], {
      env: { ...env, HOME: home, XDG_CONFIG_HOME: home, WRANGLER_SEND_METRICS: 'false' },
      stdio: ['ignore', 'pipe', 'pipe'],
      encoding: 'utf8',
    })
    expect(stdout).toBe('')
    expect(stderr).toContain('Nothing was deployed. Missing:\n  CLOUDFLARE_API_TOKEN')
    expect(stderr).toContain('ADMIN_TOKEN, CONFIG_KEY, IDENTITY_KEY: unless the worker has them')
    expect(status).toBe(2)
  } finally {
    rmSync(home, { recursive: true })
  }
})
