import * as v from 'valibot'

export const idPattern = '^[a-z0-9][a-z0-9_-]{0,62}$'
export const idPatternHelp = 'must have 1 to 63 of a-z, 0-9, - and _'

/** An id that the owner of a workspace chooses: of an input, output, connection, audience or alert. */
export const id = v.pipe(v.string(), v.regex(new RegExp(idPattern), idPatternHelp))
