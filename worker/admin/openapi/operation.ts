import type { Schema } from './from-valibot'

export interface Answer {
  description: string
  /** None: no body. */
  schema?: Schema
  type?: string
}

/** What a route is for, as a caller must know it. */
export interface Operation {
  summary: string
  description?: string
  /** Query parameters. */
  query?: Record<string, Schema & { description: string }>
  body?: Schema
  /** By status. Refusals are the same everywhere. */
  answers: Record<number, Answer>
}

/** An answer with a JSON body. */
export const ok = (description: string, schema: Schema): Record<number, Answer> => ({
  200: { description, schema },
})

export const nothing: Record<number, Answer> = { 204: { description: 'Done.' } }
