import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

/** Somebody who can be asked. */
export interface Asking {
  /** What is typed is not shown. */
  secret: (question: string) => Promise<string>
  /** Return alone means yes. */
  confirm: (question: string) => Promise<boolean>
  /** @returns the index of what was chosen */
  choose: (question: string, choices: string[]) => Promise<number>
}

const read = async (question: string, isHidden = false): Promise<string> => {
  // Readline clears the line on which it asks, but for what it was given as its question.
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

/** Whoever sits at this terminal; undefined where nobody does. */
export const terminal = (env: NodeJS.ProcessEnv): Asking | undefined => {
  if (!process.stdin.isTTY || !process.stdout.isTTY || env.CI) return undefined
  return {
    secret: (question) => read(question, true),
    confirm: async (question) => !/^n/i.test(await read(`${question} [Y/n] `)),
    choose,
  }
}
