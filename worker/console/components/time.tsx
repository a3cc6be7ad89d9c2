/** A time in UTC. `page/console.ts` replaces it by how long ago it was. */
export const Time = ({ ms }: { ms: number | null | undefined }) => {
  if (ms === null || ms === undefined || Number.isNaN(new Date(ms).getTime())) return <>–</>
  const iso = new Date(ms).toISOString()
  return <time datetime={iso}>{`${iso.slice(0, 19).replace('T', ' ')} UTC`}</time>
}

const units = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
] as const

/** A duration in its largest unit: `3 min`. */
export const durationOf = (ms: number): string => {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const [unit, length] = units.find(([, length]) => seconds >= length) ?? (['s', 1] as const)
  return `${Math.floor(seconds / length)} ${unit}`
}
