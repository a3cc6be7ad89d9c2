import type { JsonSchema } from '@valibot/to-json-schema'
import type { SchemaName } from './schemas'

export interface Answer {
  description: string
  /** Undefined: no body. */
  schema?: SchemaName
  type?: string
}

/** What a route is for, as a caller must know it. */
export interface Operation {
  summary: string
  description?: string
  /** Query parameters. */
  query?: Record<string, JsonSchema & { description: string }>
  body?: JsonSchema
  /** By status. Refusals are the same everywhere. */
  answers: Record<number, Answer>
}

/** An answer with a JSON body. */
export const ok = (description: string, schema: SchemaName): Record<number, Answer> => ({
  200: { description, schema },
})

export const nothing: Record<number, Answer> = { 204: { description: 'Done.' } }
