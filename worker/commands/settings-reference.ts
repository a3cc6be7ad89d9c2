import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { inputSettings } from '../config/input'
import { outputKinds } from '../outputs'
import type { GroupRow, SettingTable } from '../settings'

const begin = '<!-- settings: made by `npm run docs` from the settings tables; do not edit -->'
const end = '<!-- /settings -->'

const namesOf = (choices: { value: string }[]): string =>
  choices.map(({ value }) => `\`${value}\``).join(', ')

const plainTypes = {
  text: 'text',
  time: 'time',
  url: 'URL',
  secret: 'secret',
  switch: 'true or false',
  values: 'object',
  group: 'object, see below',
  groups: 'list of objects, see below',
}

const typeOf = (row: SettingTable[string]): string => {
  if (row.type === 'number') return `${row.unit}, ${row.min} to ${row.max}`
  if (row.type === 'choice') return namesOf(row.choices)
  if (row.type !== 'list') return plainTypes[row.type]
  if (row.choices) return `list of ${namesOf(row.choices)}`
  return row.most === undefined ? 'list of names' : `list of up to ${row.most} names`
}

const defaultOf = (row: SettingTable[string]): string => {
  if ('required' in row && row.required) return '*required*'
  if (row.type === 'list')
    return row.default?.length ? `\`${JSON.stringify(row.default)}\`` : 'none'
  return 'default' in row && row.default !== '' ? `\`${row.default}\`` : ''
}

const isOwn = (row: SettingTable[string]): boolean => 'source' in row && row.source === 'weir'

const table = (rows: SettingTable): string =>
  [
    '| Setting | Name | Type | Default | Effect |',
    '|---|---|---|---|---|',
    ...Object.entries(rows).map(
      ([id, row]) =>
        `| \`${id}\` | ${row.label}${isOwn(row) ? ' ·' : ''} | ${typeOf(row)} | ${defaultOf(row)} | ${row.help} |`
    ),
  ].join('\n')

/** A heading and a table for each group of settings, and for the groups within it. */
const groupTables = (rows: SettingTable, path: string[] = []): string[] =>
  Object.entries(rows).flatMap(([id, row]) => {
    if (!('rows' in row)) return []
    const place = [...path, id]
    const title = `### \`${place.join('.')}\`: ${row.label}`
    return [title, row.help, table(row.rows), ...groupTables(row.rows, place)]
  })

const inputReference = (): string =>
  [table(inputSettings), ...groupTables(inputSettings)].join('\n\n')

const outputReference = (): string =>
  Object.entries(outputKinds)
    .flatMap(([id, kind]) => [
      `### ${kind.label} (\`${id}\`)`,
      'Settings of the output:',
      table(kind.configuration),
      'Settings of a connection to it:',
      table(kind.connection),
      'Settings of a connection that audiences feed:',
      table(kind.triggers),
    ])
    .join('\n\n')

const groupReference =
  ({ rows }: GroupRow) =>
  (): string =>
    [table(rows), ...groupTables(rows)].join('\n\n')

const { web_sdk, mobile_analytics, firehose } = inputSettings

/** The documents that have tables of settings, with what makes these. */
export const references = {
  'worker/config/README.md': inputReference,
  'worker/dialects/firehose/README.md': groupReference(firehose),
  'worker/dialects/mobile-analytics/README.md': groupReference(mobile_analytics),
  'worker/dialects/mparticle-web/README.md': groupReference(web_sdk),
  'worker/outputs/README.md': outputReference,
}

/** A document with its tables of settings made anew. */
export const withReference = (document: string, reference: () => string): string => {
  const [before, rest = ''] = document.split(begin)
  const [, after = ''] = rest.split(end)
  return `${before}${begin}\n\n${reference()}\n\n${end}${after}`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, reference] of Object.entries(references)) {
    writeFileSync(file, withReference(readFileSync(file, 'utf8'), reference))
  }
}
