import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { outputKinds } from '../outputs'
import type { SettingRow, SettingRows } from '../settings'

const begin = '<!-- settings: made by `npm run docs` from the settings tables; do not edit -->'
const end = '<!-- /settings -->'

const typeOf = (row: SettingRow): string => {
  if (row.type === 'number') return `${row.unit}, ${row.min} to ${row.max}`
  if (row.type === 'choice') return row.choices.map((one) => `\`${one.value}\``).join(', ')
  if (row.type === 'list') {
    return row.choices
      ? `list of ${row.choices.map((one) => `\`${one.value}\``).join(', ')}`
      : `list of up to ${row.most} names`
  }
  return { text: 'text', url: 'URL', secret: 'secret', switch: 'true or false', values: 'object' }[
    row.type
  ]
}

const defaultOf = (row: SettingRow): string => {
  if (row.required) return '*required*'
  if (!('default' in row)) return row.type === 'list' ? 'none' : ''
  return `\`${row.default}\``
}

const table = (rows: SettingRows): string =>
  [
    '| Setting | Name | Type | Default | Effect |',
    '|---|---|---|---|---|',
    ...Object.entries(rows).map(
      ([id, row]) =>
        `| \`${id}\` | ${row.label}${row.source === 'weir' ? ' ·' : ''} | ${typeOf(row)} | ${defaultOf(row)} | ${row.help} |`
    ),
  ].join('\n')

/** The settings reference of the README, in Markdown. */
export const settingsReference = (): string =>
  Object.entries(outputKinds)
    .map(([id, kind]) =>
      [
        `### ${kind.label} (\`${id}\`)`,
        `Settings of the output:`,
        table(kind.configuration),
        `Settings of a connection to it:`,
        table(kind.connection),
        `Settings of a connection that audiences feed:`,
        table(kind.triggers),
      ].join('\n\n')
    )
    .join('\n\n')

/** The README with its settings reference made anew. */
export const withSettingsReference = (readme: string): string => {
  const [before, rest = ''] = readme.split(begin)
  const [, after = ''] = rest.split(end)
  return `${before}${begin}\n\n${settingsReference()}\n\n${end}${after}`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync('README.md', withSettingsReference(readFileSync('README.md', 'utf8')))
}
