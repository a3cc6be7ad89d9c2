import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { withSettingsReference } from '../worker/local/settings-reference'

const readme = readFileSync('README.md', 'utf8')

it('lists every setting as the tables have it', () => {
  expect(readme).toBe(withSettingsReference(readme))
})

it('names only npm scripts that exist', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
  const named = [...readme.matchAll(/npm run ([\w:-]+)/g)].map((match) => match[1]!)
  expect(named.filter((name) => !(name in scripts))).toEqual([])
})

it('gives a reason for each runtime dependency', () => {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
  for (const name of Object.keys(dependencies))
    expect(readme).toMatch(new RegExp(`^- \`${name}\`: `, 'm'))
})
