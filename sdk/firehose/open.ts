/** One of the words that are known, or one that a later version of the protocol has. */
export type Open<Known extends string> = Known | (string & {})

declare enum None {
  word = '',
}

/**
 * A `type` that this version does not know: a string like any other. It is declared as what no word
 * is equal to, so that `type === 'custom_event'` still tells the known ones apart.
 */
export type UnknownType = None

/** Names and values as text. Some values are null: tags among user attributes, unset settings. */
export type TextMap = Record<string, string | null>
