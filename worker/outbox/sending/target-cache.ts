import type { Alert } from '../../alerts/alert'
import type { Bindings } from '../../config/deployment'
import { workspaceSnapshot } from '../../config/snapshot'
import type { Outcome } from '../../delivery'
import { type Candidate, candidateOf, isTarget, openTarget, type Target } from './target'

/** Where one outbox delivers to, as the workspace has it now. Opened credentials stay in memory. */
export class OwnTarget {
  // Of the workspace, as a profile or an admin told it.
  #seenVersion = 0
  #opened: { key: string; target: Target } | undefined

  constructor(
    private readonly env: Bindings,
    private readonly waitUntil: (promise: Promise<unknown>) => void
  ) {}

  sawVersion(version: number): void {
    this.#seenVersion = Math.max(this.#seenVersion, version)
  }

  /** Undefined when the connection is paused. */
  async candidate(connection: string): Promise<Candidate | undefined> {
    const snapshot = await workspaceSnapshot(this.env, this.waitUntil, this.#seenVersion)
    return candidateOf(snapshot, connection)
  }

  /** Who is told when the connection is in trouble. */
  async alerts(): Promise<Alert[]> {
    return (await workspaceSnapshot(this.env, this.waitUntil, this.#seenVersion)).alerts
  }

  /** The opened target, why it cannot be opened, or undefined when the connection is paused. */
  async open(connection: string): Promise<Target | (Outcome & { kind: 'retry' }) | undefined> {
    const candidate = await this.candidate(connection)
    if (!candidate) return undefined
    const key = JSON.stringify(candidate)
    if (this.#opened?.key === key) return this.#opened.target
    const opened = await openTarget(candidate, this.env)
    if (isTarget(opened)) {
      this.#opened = { key, target: opened }
      return opened
    }
    return opened.kind === 'retry'
      ? opened
      : { kind: 'retry', reason: 'The output cannot be used.' }
  }

  forget(): void {
    this.#opened = undefined
  }
}
