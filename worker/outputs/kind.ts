import type { Registration } from '../../sdk/firehose/registration'
import type { Problem } from '../base/problem'
import type { FirehoseFacts } from '../connections/firehose/facts'
import type { ConnectionSettings } from '../connections/settings'
import type { TriggerSettings } from '../connections/trigger-settings'
import type { Outcome } from '../delivery'
import type { SettingRows } from '../settings'
import type { Deployment } from './deployment'
import type { AccessToken } from './firehose/integration'
import type { Target, WaitingLane } from './target'

type Settings = Record<string, unknown>

/** A stored output, as far as the rules of its connections depend on it. */
export interface OutputFacts {
  settings: unknown
  /** What an integration registered, once it has been asked. */
  registration?: Registration | undefined
}

/** A connection to an output. Its settings have their defaults. */
export interface ConnectionFacts {
  settings: Settings
  /** Whether audiences feed it, instead of an input. */
  isOfAudiences: boolean
  /** Its output's. */
  registration?: Registration | undefined
}

export interface ConnectionToCheck extends ConnectionFacts {
  /** Its output's settings; undefined when they do not fit their rows. */
  configuration: Settings | undefined
  deployment: Deployment
}

/** A connection and its output whose secrets are in clear. */
export interface OpenedConnection extends ConnectionFacts {
  configuration: Settings
  deployment: Deployment
  /** The names of the audiences that feed it, by their ids. */
  audienceNames?: Record<string, string> | undefined
  /** Undefined where the integration asks for none. */
  accessToken?: AccessToken | undefined
}

/** A kind of output: all that differs between SQS, S3 and others. `index.ts` lists the kinds. */
export interface OutputKind {
  label: string
  /** The settings of an output. */
  configuration: SettingRows
  /** The settings of a connection that an input feeds. */
  connection: SettingRows
  /** The settings of a connection that audiences feed. */
  triggers: SettingRows
  /** Rules across the settings of an output, which fit their rows. No I/O. */
  checkConfiguration: (configuration: Settings, deployment: Deployment) => Problem[]
  /** The same of a connection. */
  checkConnection: (connection: ConnectionToCheck) => Problem[]
  /** Reads stored settings for use: a value that its row does not allow counts as not set. */
  readConnection: (stored: unknown) => ConnectionSettings
  readTriggers: (stored: unknown) => TriggerSettings
  /** When deliveries that wait are to be sent, ms; 0: now. Asked often, so it opens no secrets. */
  dueMs: (lane: WaitingLane, connection: ConnectionFacts) => number
  /** @returns the target, or the outcome of all attempts until its owner acts */
  open: (connection: OpenedConnection) => Target | Outcome
  /** Only of integrations, which register and are contacted also while nothing waits. */
  integration?: IntegrationKind
}

/** What an integration said of itself, or why it did not. */
export type Registered =
  | { ok: true; registration: Registration; warnings: string[] }
  | { ok: false; problems: Problem[] }

export interface IntegrationKind {
  /** Asks the integration what it is and wants. */
  register: (
    configuration: Settings,
    how: { id: string; nowMs: number; deployment: Deployment }
  ) => Promise<Registered>
  /** What conversions for a connection need to know; undefined before it has registered. */
  facts: (connection: string, output: OutputFacts) => FirehoseFacts | undefined
  /** The settings of a connection that are secret, by their paths within its settings. */
  secretPaths: (output: OutputFacts) => string[][]
  /** Secrets of the output that are sent to its addresses, by their ids. */
  sentSecrets: readonly string[]
  /** The settings that say where they are sent. */
  addresses: readonly string[]
  /** When the integration is to be asked next whether it is well, ms; undefined: never. */
  verificationDueMs: (verifiedMs: number, settings: Settings) => number | undefined
}
