import { setTimeout as pause } from 'node:timers/promises'

/** @returns whether it became true in time */
export const becomes = async (
  isSo: () => boolean | Promise<boolean>,
  timeoutMs: number
): Promise<boolean> => {
  const endMs = performance.now() + timeoutMs
  while (!(await isSo())) {
    if (performance.now() > endMs) return false
    await pause(20)
  }
  return true
}

/** Waits until something is so. Takes long when a machine is busy, so it waits long. */
export const until = async (
  what: string,
  isSo: () => boolean | Promise<boolean>,
  timeoutMs = 90_000
): Promise<void> => {
  if (!(await becomes(isSo, timeoutMs))) throw new Error(`${what}: not within ${timeoutMs} ms`)
}

export { pause }
