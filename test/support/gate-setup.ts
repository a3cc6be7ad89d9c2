import type { TestProject } from 'vitest/node'
import { startGate } from './gate/gate'

declare module 'vitest' {
  interface ProvidedContext {
    gateUrl: string
  }
}

/** One gate for all worker tests; each test uses buckets and queues of its own. */
export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const gate = await startGate({
    credentials: [
      { accessKeyId: 'AKIDTEST', secretAccessKey: 'test-secret' },
      { accessKeyId: 'AKIDSERVICE', secretAccessKey: 'service-secret' },
    ],
  })
  project.provide('gateUrl', gate.url)
  return () => gate.stop()
}
