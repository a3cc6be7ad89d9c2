import type { Child } from 'hono/jsx'

/** What a state means for whoever looks: fine, at rest, to be watched, to be mended. */
const tones = {
  ok: 'good',
  enabled: 'good',
  paused: 'still',
  disabled: 'still',
  suspended: 'bad',
  retrying: 'warn',
  failing: 'bad',
} as const

export type BadgeState = keyof typeof tones

/** A state as a word with a colour; other words than the state's own may be given. */
export const Badge = ({ state, children }: { state: BadgeState; children?: Child }) => (
  <span class={`badge ${tones[state]}`}>{children ?? state}</span>
)
