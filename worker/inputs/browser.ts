import { type CheckedBatch, checkBatch } from '../batch'
import { isTooDeep, type Json, parseJson } from '../json'
import { type Problem, problem } from '../problem'

export type DecodedBody = { checked: CheckedBatch } | { problems: Problem[] }

const parse = (text: string): Json | undefined => {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}

/** Decodes what a browser posted: one batch as JSON, whatever the content type says. */
export const decodeBrowserBody = (text: string): DecodedBody => {
  if (isTooDeep(text)) {
    return { problems: [problem('too_deep', '', 'The body is nested deeper than 200 levels.')] }
  }
  const value = parse(text)
  if (value === undefined)
    return { problems: [problem('invalid_json', '', 'The body is not JSON.')] }
  const checked = checkBatch(value)
  return checked
    ? { checked }
    : { problems: [problem('invalid', '', 'The body is not a batch: it must be a JSON object.')] }
}
