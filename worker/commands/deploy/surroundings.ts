import type { Asking } from './terminal'
import type { WranglerCommand } from './wrangler'

/** The environment of a deploy. */
export interface Surroundings {
  env: NodeJS.ProcessEnv
  wrangler: Omit<WranglerCommand, 'env'>
  /** Undefined where there is no terminal. */
  asking: Asking | undefined
  say: (line: string) => void
  complain: (line: string) => void
  /** How long to wait for a new address to answer. */
  patienceMs: number
}

/** Something is missing that only the user can provide. */
export class Missing extends Error {
  constructor(readonly things: string[]) {
    super(`Nothing was deployed. Missing:${things.map((thing) => `\n  ${thing}`).join('')}`)
  }
}
