import { type ParseArgsConfig, parseArgs } from 'node:util'

/** The command was not understood. */
export class UsageError extends Error {}

/** Reads the arguments of a command. @throws UsageError that names what is unknown or missing */
export const readArguments = <T extends ParseArgsConfig>(
  config: T
): ReturnType<typeof parseArgs<T>> => {
  try {
    return parseArgs(config)
  } catch (error) {
    // After the first sentence comes advice about positional arguments that look like options.
    const [sentence] = (error instanceof Error ? error.message : String(error)).split(/\. |\.$/)
    throw new UsageError(`${sentence}.`, { cause: error })
  }
}

/** @throws UsageError that names the option */
export const readWholeNumber = (option: string, text: string): number => {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new UsageError(`${option} must be a whole number, not ${text}.`)
}

/** A list such as `a,b` of known names. @throws UsageError that names the option */
export const readNames = <N extends string>(
  option: string,
  text: string,
  known: readonly N[]
): N[] =>
  text.split(',').map((name) => {
    const found = known.find((candidate) => candidate === name)
    if (found !== undefined) return found
    throw new UsageError(`${option} must be one or more of ${known.join(',')}, not ${name}.`)
  })

/** Reads what a program is asked for, or ends it with exit code 2 and the usage on stderr. */
export const readOrExit = <T>(usage: string, read: () => T): T => {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(`${error.message}\n\n${usage}`)
    process.exit(2)
  }
}
