import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { isQueueName } from './address'
import { type Journal, openJournal, writeWhole } from './journal'
import { type Message, messageSchema } from './message'

const attributesSchema = v.record(v.string(), v.string())

export interface SavedQueue {
  name: string
  attributes: Record<string, string>
  messages: Message[]
}

/**
 * Queues on disk: `sqs/<queue>.json` holds the attributes and marks the queue as existing,
 * `sqs/<queue>.ndjson` the messages waiting in it, one per line.
 */
export interface QueueFiles {
  load(): SavedQueue[]
  saveAttributes(name: string, attributes: Record<string, string>): void
  append(name: string, messages: Message[]): void
  rewrite(name: string, messages: Message[]): void
  remove(name: string): void
}

/** @param dataDir undefined: nothing is stored on disk */
export function openQueueFiles(dataDir: string | undefined): QueueFiles {
  if (dataDir === undefined) return forgetful
  const folder = join(dataDir, 'sqs')
  mkdirSync(folder, { recursive: true })
  const attributesFile = (name: string) => join(folder, `${name}.json`)
  const journals = new Map<string, Journal>()
  const journalOf = (name: string) => {
    const journal = journals.get(name) ?? openJournal(join(folder, `${name}.ndjson`))
    journals.set(name, journal)
    return journal
  }
  return {
    load: () =>
      readdirSync(folder)
        .filter((file) => file.endsWith('.json'))
        .map((file) => file.slice(0, -'.json'.length))
        .filter(isQueueName)
        .map((name) => ({
          name,
          attributes: v.parse(
            attributesSchema,
            JSON.parse(readFileSync(attributesFile(name), 'utf8'))
          ),
          messages: journalOf(name).read().filter(isMessage),
        })),
    saveAttributes: (name, attributes) =>
      writeWhole(attributesFile(name), `${JSON.stringify(attributes, null, 2)}\n`),
    append: (name, messages) => journalOf(name).append(messages),
    rewrite: (name, messages) => journalOf(name).rewrite(messages),
    remove(name) {
      rmSync(attributesFile(name), { force: true })
      rmSync(join(folder, `${name}.ndjson`), { force: true })
      journals.delete(name)
    },
  }
}

function isMessage(line: unknown): line is Message {
  return v.is(messageSchema, line)
}

const forgetful: QueueFiles = {
  load: () => [],
  saveAttributes: () => {},
  append: () => {},
  rewrite: () => {},
  remove: () => {},
}
