import type { Change } from '../../config/changes'
import { masked } from '../../config/secrets'

const told = (value: unknown): string => (value === masked ? 'set' : JSON.stringify(value))

/** A line for each change: `+` added, `-` removed, `~` changed. */
export const changeLines = (changes: Change[]): string[] =>
  changes.map((change) => {
    const { path } = change
    if (change.kind === 'added') return `+ ${path}: ${told(change.after)}`
    if (change.kind === 'removed') return `- ${path}: ${told(change.before)}`
    return `~ ${path}: ${told(change.before)} -> ${told(change.after)}`
  })
