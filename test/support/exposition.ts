export interface Family {
  type: string
  help: string
  /** By the text of their labels, in order: `connection="a",state="ok"`. */
  samples: { name: string; labels: Record<string, string>; value: number }[]
}

const nameForm = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const labelForm = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,|$)/y
const sampleForm = new RegExp(
  `^(${nameForm})(?:\\{([^\\n]*)\\})? (-?\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?|\\+Inf|-Inf|NaN)$`
)
const helpForm = new RegExp(`^# HELP (${nameForm}) ((?:[^\\\\\\n]|\\\\\\\\|\\\\n)*)$`)
const typeForm = new RegExp(`^# TYPE (${nameForm}) (counter|gauge|histogram|summary|untyped)$`)

const unescaped = (text: string): string =>
  text.replace(/\\(.)/g, (_, one: string) => (one === 'n' ? '\n' : one))

const readLabels = (text: string): Record<string, string> => {
  const labels: Record<string, string> = {}
  let at = 0
  while (at < text.length) {
    labelForm.lastIndex = at
    const match = labelForm.exec(text)
    if (!match) throw new Error(`No label at ${text.slice(at)}`)
    const [whole, name = '', value = '', comma] = match
    if (Object.hasOwn(labels, name)) throw new Error(`${name} stands twice`)
    labels[name] = unescaped(value)
    at += whole.length
    if (comma === ',' && at === text.length) throw new Error('A comma ends the labels')
  }
  return labels
}

/**
 * Reads Prometheus' text format 0.0.4 as strictly as it may be read: HELP, TYPE and samples of a
 * name together and in this order, no sample twice, counters that end with _total.
 *
 * @throws Error with the line that is wrong
 */
export const readExposition = (text: string): Map<string, Family> => {
  if (text !== '' && !text.endsWith('\n')) throw new Error('The last line does not end')
  const families = new Map<string, Family>()
  let current = { name: '', family: undefined as Family | undefined }
  for (const line of text.split('\n').slice(0, -1)) {
    const [, helped, help] = helpForm.exec(line) ?? []
    const [, typed, type] = typeForm.exec(line) ?? []
    const [, sampled, labels = '', value] = sampleForm.exec(line) ?? []
    if (helped !== undefined) {
      if (families.has(helped)) throw new Error(`Twice: ${line}`)
      current = { name: helped, family: { type: '', help: unescaped(help ?? ''), samples: [] } }
      families.set(helped, current.family!)
    } else if (typed !== undefined) {
      if (typed !== current.name || current.family?.type !== '') throw new Error(`Apart: ${line}`)
      const isTotal = typed.endsWith('_total')
      if (isTotal !== (type === 'counter')) throw new Error(`Misnamed: ${line}`)
      current.family.type = type ?? ''
    } else if (sampled !== undefined) {
      const { family } = current
      if (sampled !== current.name || !family?.type) throw new Error(`Apart: ${line}`)
      const one = { name: sampled, labels: readLabels(labels), value: Number(value) }
      const key = JSON.stringify(Object.entries(one.labels).sort())
      const isKnown = family.samples.some(
        (other) => JSON.stringify(Object.entries(other.labels).sort()) === key
      )
      if (isKnown) throw new Error(`Twice: ${line}`)
      family.samples.push(one)
    } else throw new Error(`Not a line: ${line}`)
  }
  return families
}
