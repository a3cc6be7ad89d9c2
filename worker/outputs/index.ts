import { firehoseKind } from './firehose/kind'
import type { OutputKind } from './kind'
import { s3Kind } from './s3/kind'
import { sqsKind } from './sqs/kind'

const kinds = {
  sqs: sqsKind,
  s3: s3Kind,
  firehose: firehoseKind,
} satisfies Record<string, OutputKind>

export type OutputKindId = keyof typeof kinds

/** All kinds of output, in the order in which they are offered. */
export const outputKinds: Record<OutputKindId, OutputKind> = kinds

export const isOutputKind = (kind: unknown): kind is OutputKindId =>
  typeof kind === 'string' && Object.hasOwn(outputKinds, kind)

/** Whether an output registers, may have to be authorized and is contacted by its outboxes. */
export const isIntegration = ({ kind }: { kind: OutputKindId }): boolean =>
  outputKinds[kind].integration !== undefined
