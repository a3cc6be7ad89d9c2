import { sharedSettings } from '../../../../worker/connections/settings'
import { triggerSettings } from '../../../../worker/connections/trigger-settings'
import type { Outcome } from '../../../../worker/delivery'
import type { OpenedConnection, OutputKind } from '../../../../worker/outputs/kind'
import type { QueuedDelivery, QueueTarget } from '../../../../worker/outputs/target'
import { readStoredSettings, settings } from '../../../../worker/settings'
import { boxes } from './boxes'

const memoryConfiguration = settings({
  password: { type: 'secret', label: 'Password', help: 'Opens the boxes.', source: 'weir' },
})

const box = settings({
  box: { type: 'text', label: 'Box', help: 'Holds the messages.', required: true, source: 'weir' },
})

const memoryConnection = settings({ ...box, ...sharedSettings })
const memoryTriggers = settings({ ...box, ...triggerSettings })

const messagesPerRequest = 3

const open = ({ configuration, settings: stored }: OpenedConnection): QueueTarget | Outcome => {
  const { password } = readStoredSettings(memoryConfiguration, configuration)
  const connection = readStoredSettings(memoryConnection, stored)
  const put = async (batch: QueuedDelivery[]): Promise<Outcome> => {
    const found = boxes.get(connection.box)
    if (!found) return { kind: 'retry', reason: 'There is no such box.', ownerMustAct: true }
    if (found.password !== password) return { kind: 'retry', reason: 'Wrong password.' }
    found.requests.push(batch)
    return { kind: 'delivered' }
  }
  return {
    isQueue: true,
    needsContact: false,
    retention_hours: connection.retention_hours,
    wanted: messagesPerRequest,
    parallel: 1,
    isOrdered: true,
    isWhole: true,
    take: (waiting) => waiting.slice(0, messagesPerRequest),
    send: async (batch) => {
      const outcome = await put(batch)
      return batch.map(() => outcome)
    },
    verify: async () => (boxes.has(connection.box) ? { kind: 'delivered' } : put([])),
  }
}

/** A kind of output that a test adds; it delivers to the memory of the test. */
export const memoryKind: OutputKind = {
  label: 'Memory',
  configuration: memoryConfiguration,
  connection: memoryConnection,
  triggers: memoryTriggers,
  checkConfiguration: () => [],
  checkConnection: () => [],
  readConnection: (stored) => ({ ...readStoredSettings(memoryConnection, stored), isQueue: true }),
  readTriggers: (stored) => ({ ...readStoredSettings(memoryTriggers, stored), isQueue: true }),
  dueMs: ({ opened_ms }) => opened_ms + 1000,
  open,
}
