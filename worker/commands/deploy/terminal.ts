import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

/** Questions to the user. */
export interface Asking {
  /** The answer is not shown while it is typed. */
  secret: (question: string) => Promise<string>
  /** Return means yes. */
  confirm: (question: string) => Promise<boolean>
  /** @returns the index of the choice */
  choose: (question: string, choices: string[]) => Promise<number>
}

const read = async (question: string, isHidden = false): Promise<string> => {
  // Readline clears the line on which it asks, except for the question that it prints itself.
  if (isHidden) process.stdout.write(question)
  const mute = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({
    input: process.stdin,
    output: isHidden ? mute : process.stdout,
    terminal: true,
  })
  const interrupted = new Promise<never>((_, fail) => {
    lines.once('SIGINT', () => fail(new Error('Interrupted: nothing was deployed.')))
    lines.once('close', () => fail(new Error('No answer: nothing was deployed.')))
  })
  try {
    return (await Promise.race([lines.question(isHidden ? '' : question), interrupted])).trim()
  } finally {
    lines.close()
    if (isHidden) process.stdout.write('\n')
  }
}

const choose: Asking['choose'] = async (question, choices) => {
  const list = choices.map((choice, i) => `  ${i + 1}  ${choice}`).join('\n')
  process.stdout.write(`${question}\n${list}\n`)
  for (;;) {
    const number = Number(await read('Number: '))
    if (Number.isInteger(number) && number >= 1 && number <= choices.length) return number - 1
  }
}

/** The terminal of this process; undefined where there is none, and in CI. */
export const terminal = (env: NodeJS.ProcessEnv): Asking | undefined => {
  if (!process.stdin.isTTY || !process.stdout.isTTY || env.CI) return undefined
  return {
    secret: (question) => read(question, true),
    confirm: async (question) => !/^n/i.test(await read(`${question} [Y/n] `)),
    choose,
  }
}
