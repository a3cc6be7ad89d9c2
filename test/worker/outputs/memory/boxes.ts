import type { QueuedDelivery } from '../../../../worker/outputs/target'

interface Box {
  password: string
  requests: QueuedDelivery[][]
}

/** What was delivered, by the name of its box. */
export const boxes = new Map<string, Box>()
