import type { Asking } from './terminal'
import type { WranglerCommand } from './wrangler'

/** What a deploy runs in. */
export interface Surroundings {
  env: NodeJS.ProcessEnv
  wrangler: Omit<WranglerCommand, 'env'>
  /** Undefined where nobody can be asked. */
  asking: Asking | undefined
  say: (line: string) => void
  complain: (line: string) => void
  /** How long a new address may take until it answers. */
  patienceMs: number
}

/** What only the one who deploys can give. */
export class Missing extends Error {
  constructor(readonly things: string[]) {
    super(`Nothing was deployed. Missing:${things.map((thing) => `\n  ${thing}`).join('')}`)
  }
}
