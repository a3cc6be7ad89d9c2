import { type Bindings, configKeys } from '../../config/deployment'
import { audiencesVerification, eventsVerification } from '../../connections/firehose/requests'
import type { Outcome } from '../../delivery'
import type { Condition } from '../sending/condition'
import type { IntegrationTarget } from '../sending/target'
import { exchange } from './integration'
import { Subscriptions } from './subscriptions'

/** Asks an integration whether it is well, by a request without data. */
export const verify = async (target: IntegrationTarget): Promise<Outcome> => {
  const { integration } = target
  const id = crypto.randomUUID()
  const sort = integration.isOfAudiences ? 'audiences' : 'events'
  const text =
    sort === 'audiences'
      ? audiencesVerification(id, Date.now())
      : eventsVerification(id, Date.now())
  return (await exchange(integration, sort, text)).outcome
}

/** When an integration is to be asked next, ms; undefined: never. */
export const verificationDueMs = (
  verifiedMs: number | undefined,
  hours: number
): number | undefined =>
  verifiedMs === undefined || hours === 0 ? undefined : verifiedMs + hours * 3_600_000

/** What an outbox tells and asks an integration beside what it delivers. */
export class Contact {
  readonly subscriptions: Subscriptions

  constructor(
    sql: SqlStorage,
    private readonly condition: Condition,
    own: { env: Bindings; name: () => string | undefined }
  ) {
    this.subscriptions = new Subscriptions(sql, () => ({
      keys: configKeys(own.env),
      outbox: own.name() ?? '',
    }))
  }

  /**
   * @param isHolding whether messages wait, which come before the end of what they are about
   * @returns the outcomes of what was due; with a retry among them nothing else is sent
   */
  async make(
    { integration, ...target }: IntegrationTarget,
    isHolding: boolean
  ): Promise<Outcome[]> {
    const { subscriptions, condition } = this
    if (target.audienceNames) {
      const names = target.audienceNames
      const failed = await subscriptions.tell(integration, { names, isEnding: !isHolding })
      if (failed) return [failed]
    }
    const { verified_ms, attempts } = condition.health
    const due = verificationDueMs(verified_ms, integration.verification_hours)
    const isDue = due !== undefined && due <= Date.now()
    // With nothing to send, only this can show that it is well again.
    const isRecovering = !isHolding && attempts > 0
    if (!isDue && !isRecovering) return []
    const outcome = await verify({ integration, ...target })
    if (outcome.kind !== 'retry') this.condition.verified(Date.now())
    return [outcome]
  }
}
