import { BaseSequencer, type TestSpecification } from 'vitest/node'

// Files that take long come first, so that at the end no core waits for one of them. Those of `unit`
// stay together: they share their modules.
const projects = ['whole', 'worker', 'node', 'unit']

export class ByProject extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return projects.flatMap((name) => sorted.filter(({ project }) => project.name === name))
  }
}
