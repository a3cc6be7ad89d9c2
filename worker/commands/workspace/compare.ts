import type { Change } from '../../config/changes'
import { masked } from '../../config/secrets'

const shown = (value: unknown): string => (value === masked ? 'set' : JSON.stringify(value))

/** A line for each change: `+` added, `-` removed, `~` changed. */
export const changeLines = (changes: Change[]): string[] =>
  changes.map((change) => {
    const { path } = change
    if (change.kind === 'added') return `+ ${path}: ${shown(change.after)}`
    if (change.kind === 'removed') return `- ${path}: ${shown(change.before)}`
    return `~ ${path}: ${shown(change.before)} -> ${shown(change.after)}`
  })
