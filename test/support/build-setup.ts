import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import type { TestProject } from 'vitest/node'

const root = resolve(import.meta.dirname, '../..')

const build = (): void => {
  execFileSync(process.execPath, ['build.js', '--if-changed'], { cwd: root, stdio: 'inherit' })
}

/** Builds what browsers load, for tests that load it or start a worker with it. */
export const setup = (project: TestProject): void => {
  build()
  project.onTestsRerun(build)
}
