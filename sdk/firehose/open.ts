/** One of the known words, or a word of a later version of the protocol. */
export type Open<Known extends string> = Known | (string & {})

declare enum None {
  word = '',
}

/**
 * A `type` that this version does not know. It is a string, but declared as a type that no string
 * literal equals, so that `type === 'custom_event'` narrows the union to the known type.
 */
export type UnknownType = None

/** A map of text. A null value is a tag among user attributes, or an unset setting. */
export type TextMap = Record<string, string | null>
