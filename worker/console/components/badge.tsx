import type { Child } from 'hono/jsx'

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

/** A state as a coloured label; `children` replace its name. */
export const Badge = ({ state, children }: { state: BadgeState; children?: Child }) => (
  <span class={`badge ${tones[state]}`}>{children ?? state}</span>
)
