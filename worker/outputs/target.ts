import type { Delivery, Outcome } from '../delivery'
import type { Integration } from './firehose/integration'

/** What waits in one lane of an outbox, apart from what is in planned files. */
export interface WaitingLane {
  bytes: number
  deliveries: number
  /** When the oldest of them was stored. */
  opened_ms: number
}

/** A delivery as an outbox has stored it for a queue. */
export type QueuedDelivery = Omit<Delivery, 'unsendable'>

/** How the deliveries of a queue are sent, one by one or several in a request. */
export interface QueueSender {
  /** How many deliveries fill all requests that may be under way at the same time. */
  wanted: number
  /** Requests at the same time. */
  parallel: number
  /** Whether failed deliveries are sent again before those behind them. */
  isOrdered: boolean
  /** Whether all deliveries of a request have the same outcome. */
  isWhole: boolean
  /**
   * Chooses the deliveries of the next request.
   *
   * @param beside those of requests that are sent at the same time
   * @param failures how often a delivery has failed
   * @returns none when no request can be made beside the others
   */
  take: <T extends QueuedDelivery>(
    waiting: T[],
    beside: T[],
    failures: (delivery: T) => number
  ) => T[]
  /** Sends one request. The outcomes are in the order of the deliveries. */
  send: (batch: QueuedDelivery[]) => Promise<Outcome[]>
}

interface AnyTarget {
  retention_hours: number
  /**
   * Tries settings out before they are saved.
   *
   * @param how isThorough: an admin asked for it, so it may take more requests
   */
  verify: (how: { nowMs: number; isThorough: boolean }) => Promise<Outcome>
}

/** Takes files, each of the lines of one lane. */
export interface FileTarget extends AnyTarget {
  isQueue: false
  needsContact: false
  /** The most that a file may hold. */
  file_bytes: number
  /** The key of a new file. */
  fileKey: (lane: string, now: { ms: number; random: () => number }) => string
  /** Writes a file. Writing it again with the same key and parts changes nothing. */
  put: (key: string, parts: string[]) => Promise<Outcome>
}

/** Takes messages. */
export interface QueueTarget extends AnyTarget, QueueSender {
  isQueue: true
  needsContact: false
}

/** Takes messages, and is contacted by the outbox also while none wait. */
export interface IntegrationTarget extends AnyTarget {
  isQueue: true
  needsContact: true
  integration: Integration
  /** The audiences that feed the connection, if any: their names by their ids. */
  audienceNames?: Record<string, string> | undefined
  /** @param subscriptions the settings that are sent with the changes of each audience, by its number */
  sender: (subscriptions: Record<string, Record<string, string>>) => QueueSender
}

/** Where an outbox delivers to, with opened credentials, which are never stored. */
export type Target = FileTarget | QueueTarget | IntegrationTarget

/** Distinguishes a target from the reason why it could not be opened. */
export const isTarget = (opened: Target | Outcome): opened is Target => 'isQueue' in opened
