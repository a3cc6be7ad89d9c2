import type { TestSpecification } from 'vitest/node'
import { BaseSequencer } from 'vitest/node'

// Files that take long, most of it waiting for browsers and processes.
const isLong = ({ moduleId }: TestSpecification): boolean =>
  /\/test\/(matrix|e2e|sdk|packaging)\//.test(moduleId)

/** Starts the long files first, so that at the end no core waits for one of them. */
export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}
