import { stringifyJson } from '../json'
import type { ProfileState } from './attributes'
import type { Head } from './batching'

/** What is known of a user, for the owner of the deployment, as JSON text with its exact numbers. */
export const describeProfile = ({ mpid, last_ms, windows }: Head, state: ProfileState): string => {
  const { audiences, ...known } = state
  const memberships = Object.entries(audiences?.inside ?? {}).map(([audience, since_ms]) => ({
    audience,
    since_ms,
  }))
  return stringifyJson({ mpid, last_ms, ...known, memberships, open_windows: windows.length })
}
