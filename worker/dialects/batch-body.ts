import { isTooDeep, type Json, parseJson } from '../base/json'
import { type Problem, problem, type Result } from '../base/problem'
import { type CheckedBatch, checkBatch } from '../batch'

export type DecodedBody = { checked: CheckedBatch } | { problems: Problem[] }

/** A batch with the JSON text to store it as. */
export interface DecodedBatch {
  checked: CheckedBatch
  text: string
}

/** A batch that is listed as rejected and not delivered. */
export interface RejectedBatch {
  problems: Problem[]
  payload: string
}

const parse = (text: string): Json | undefined => {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

/** Parses a body as JSON, whatever its content type says. */
export const parseBody = (text: string): Result<Json> => {
  if (isTooDeep(text)) {
    const message = 'The body is nested deeper than 200 levels.'
    return { ok: false, problems: [problem('too_deep', '', message)] }
  }
  const value = parse(text)
  return value === undefined
    ? { ok: false, problems: [problem('invalid_json', '', 'The body is not JSON.')] }
    : { ok: true, value }
}

/** Reads a parsed body as one batch. */
export const decodeBatch = (body: Json): DecodedBody => {
  const checked = checkBatch(body)
  return checked
    ? { checked }
    : { problems: [problem('invalid', '', 'The body is not a batch: it must be a JSON object.')] }
}

/** Decodes a body of the mParticle web SDK: one batch. */
export const decodeBrowserBody = (text: string): DecodedBody => {
  const body = parseBody(text)
  return body.ok ? decodeBatch(body.value) : body
}
