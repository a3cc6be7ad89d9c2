import { log } from '../../base/log'
import { reasonClass } from '../../base/reason'
import { type Bindings, configKeys } from '../../config/deployment'
import type { Outcome } from '../../delivery'
import { verifyIntegration } from '../../outputs/firehose/verification'
import type { IntegrationTarget } from '../../outputs/target'
import type { OutputHealth } from '../sending/health'
import { verificationDueMs } from '../sending/schedule'
import type { Candidate } from '../sending/target'
import { Subscriptions } from './subscriptions'

/** What an outbox sends to an integration beside deliveries: subscriptions and verifications. */
export class IntegrationContact {
  readonly subscriptions: Subscriptions

  constructor(
    sql: SqlStorage,
    private readonly health: OutputHealth,
    private readonly outbox: { env: Bindings; name: () => string | undefined }
  ) {
    this.subscriptions = new Subscriptions(sql, () => ({
      keys: configKeys(outbox.env),
      outbox: outbox.name() ?? '',
    }))
  }

  /**
   * Sends what is due.
   *
   * @param isHolding whether deliveries wait, which are sent before their audiences are unsubscribed
   * @returns the outcomes; after a retry nothing else may be sent
   */
  async send(
    { integration, audienceNames: names }: IntegrationTarget,
    { candidate, isHolding }: { candidate: Candidate; isHolding: boolean }
  ): Promise<Outcome[]> {
    if (names) {
      const mayUnsubscribe = !isHolding
      const failed = await this.subscriptions.update(integration, { names, mayUnsubscribe })
      if (failed) return [failed]
    }
    if (!this.#isVerificationDue(candidate, isHolding)) return []
    const outcome = await verifyIntegration(integration)
    if (outcome.kind !== 'retry') this.health.setVerified(Date.now())
    return [outcome]
  }

  /** Unsubscribes all audiences, since the connection was deleted. A failure is only logged. */
  async unsubscribe({ integration }: IntegrationTarget): Promise<void> {
    const nothing = { names: {}, mayUnsubscribe: true }
    const failed = await this.subscriptions.update(integration, nothing)
    if (!failed) return
    const fields = { outbox: this.outbox.name(), reason: reasonClass(failed.reason) }
    log('warn', 'An integration could not be sent the end of its subscriptions.', fields)
  }

  #isVerificationDue(candidate: Candidate, isHolding: boolean): boolean {
    // With nothing to send, only a verification can show that the integration has recovered.
    if (!isHolding && this.health.attempts > 0) return true
    const dueMs = verificationDueMs(this.health.current, candidate)
    return dueMs !== undefined && dueMs <= Date.now()
  }
}
