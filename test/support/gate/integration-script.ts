import * as v from 'valibot'

const textMap = v.record(v.string(), v.string())

const answerSchema = v.strictObject({
  /** Only messages of this type, such as `event_processing_request`, and with this text in them. */
  match: v.optional(
    v.strictObject({ type: v.optional(v.string()), contains: v.optional(v.string()) })
  ),
  /** How many messages it answers before it is spent. Without it, all. */
  times: v.optional(v.number()),
  delay_ms: v.optional(v.number()),
  /** The message is taken and the connection dropped without an answer. */
  cut: v.optional(v.boolean()),
  status: v.optional(v.number()),
  headers: v.optional(textMap),
  /** Text goes as it is, other values as JSON. Without it, the response that the protocol asks for. */
  body: v.optional(v.unknown()),
  /** Added to the response that the protocol asks for. */
  fields: v.optional(v.record(v.string(), v.unknown())),
  /** Lambda: the function threw. */
  function_error: v.optional(
    v.strictObject({ errorType: v.optional(v.string()), errorMessage: v.optional(v.string()) })
  ),
  /** Lambda: the service refuses with `status`, by this name, such as `TooManyRequestsException`. */
  api_error: v.optional(v.string()),
})

const tokenAnswerSchema = v.strictObject({
  times: v.optional(v.number()),
  status: v.optional(v.number()),
  headers: v.optional(textMap),
  body: v.optional(v.unknown()),
})

export const oauthSchema = v.strictObject({
  /** Seconds that the token answer names; without it, none are named. */
  expires_in: v.optional(v.number()),
  /** Where the integration looks for the token: `authorization` (as a bearer) by default. */
  header: v.optional(v.string()),
  answers: v.optional(v.array(tokenAnswerSchema), []),
})

/** How an integration behaves. What is not given stays as it was. */
export const scriptSchema = v.strictObject({
  /** What it says of itself, without the envelope. */
  registration: v.optional(v.record(v.string(), v.unknown())),
  /** What it asks for in `Authorization: Token …`, except for a registration. */
  token: v.optional(v.string()),
  /** It asks for a token of its token endpoint. Given anew, the access tokens so far are void. */
  oauth: v.optional(oauthSchema),
  answers: v.optional(v.array(answerSchema)),
})

export type IntegrationScript = v.InferInput<typeof scriptSchema>
export type ScriptedAnswer = v.InferOutput<typeof answerSchema>
export type ScriptedOAuth = v.InferOutput<typeof oauthSchema>

/** Takes the first answer that fits, and counts it down. */
export function takeAnswer<T extends { times?: number | undefined }>(
  answers: T[],
  fits: (answer: T) => boolean = () => true
): T | undefined {
  const taken = answers.find((answer) => answer.times !== 0 && fits(answer))
  if (taken?.times !== undefined) taken.times -= 1
  return taken
}
