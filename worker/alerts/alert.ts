import * as v from 'valibot'
import { id } from '../base/id'
import { type Problem, problem } from '../base/problem'
import { parseUrl } from '../base/url'
import type { Deployment } from '../outputs/deployment'

const minutes = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10_080))

/** A receiver that is notified of connections that fail or lag for long. */
export const alertSchema = v.strictObject({
  id,
  /** Where messages are posted to. */
  url: v.pipe(v.string(), v.minLength(1, 'must not be empty')),
  /** What messages are signed with; without it they are not. */
  secret: v.optional(v.pipe(v.string(), v.minLength(8, 'must have at least 8 characters'))),
  failing_minutes: v.optional(minutes, 10),
  lag_minutes: v.optional(minutes, 60),
})

export type Alert = v.InferOutput<typeof alertSchema>

export const mostAlerts = 10

/** Whether a deployment lets messages be posted to a URL. */
export const isPostable = (url: string, { allowsCustomEndpoints }: Deployment): boolean => {
  const parsed = parseUrl(url)
  if (!parsed || parsed.username || parsed.password) return false
  return parsed.protocol === 'https:' || (allowsCustomEndpoints && parsed.protocol === 'http:')
}

export const alertProblems = (alerts: Alert[], deployment: Deployment): Problem[] =>
  alerts.flatMap(({ url }, i) => {
    if (isPostable(url, deployment)) return []
    const path = `alerts.${i}.url`
    return problem('invalid', path, `${path} must be an https URL without a user and password.`)
  })
