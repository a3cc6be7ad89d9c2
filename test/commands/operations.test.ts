// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the names in workspace files look like that
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { secretNames } from '../../worker/commands/deploy/secrets'
import { readWorkspaceFile } from '../../worker/config/workspace-file'
import { prices } from '../bench/bill'

const guide = readFileSync('worker/operations.md', 'utf8')
const blocks = [...guide.matchAll(/```json\n(.*?)```/gs)].map(([, text = '']) => JSON.parse(text))
const isPolicy = (block: object): block is Policy => 'Statement' in block
const policies: Policy[] = blocks.filter(isPolicy)

interface Policy {
  Version: string
  Statement: Statement[]
}

interface Statement {
  Effect: string
  Action: string | string[]
  Resource?: string
  Principal?: object
}

describe('the guide for operators', () => {
  it('has policies that AWS can read', () => {
    expect(policies.length).toBeGreaterThanOrEqual(7)
    for (const { Version, Statement } of policies)
      expect([Version, Statement.length]).toEqual(['2012-10-17', 1])
  })

  it('allows single actions on single resources', () => {
    for (const { Effect, Action, Resource, Principal } of policies.flatMap(
      (one) => one.Statement
    )) {
      expect(Effect).toBe('Allow')
      for (const one of [Action].flat()) expect(one).toMatch(/^(sqs|s3|lambda|kms|sts):[A-Z]\w+$/)
      // The trust policy of a role is of that role.
      if (Resource === undefined)
        expect([Action, typeof Principal]).toEqual(['sts:AssumeRole', 'object'])
      else expect(Resource).toMatch(/^arn:aws:(sqs|s3|lambda|kms|iam):.*[\w*]$/)
    }
  })

  it('has alerts that can be saved', () => {
    const deployment = { allowsCustomEndpoints: false, roleBucketPrefix: '' }
    const [file] = blocks.filter((block) => !isPolicy(block))
    expect(readWorkspaceFile(file, deployment)).toMatchObject({ ok: true })
  })

  it('reckons costs as the bench does, and adds up', () => {
    const number = (text = '') => Number(text.replaceAll(',', ''))
    const rows = [...guide.matchAll(/^\| ([\w ]+) \| ([\d,]+) \| ([\d.]+) \| ([\d.]+) \|$/gm)]
    expect(Object.fromEntries(rows.map(([, item = '', , price]) => [item, number(price)]))).toEqual(
      prices
    )
    for (const [, item, count, price, dollars] of rows) {
      expect((number(count) / 1e6) * number(price), item).toBeCloseTo(number(dollars), 3)
    }
    const total = number(/\*\*total\*\* \| \| \| \*\*([\d.]+)\*\*/.exec(guide)?.[1])
    expect(rows.reduce((sum, [, , , , dollars]) => sum + number(dollars), 0)).toBeCloseTo(total, 3)
  })

  it('names every secret and every environment', () => {
    for (const name of secretNames) expect(guide).toContain(`| \`${name}\` |`)
    for (const name of ['staging', 'production']) expect(guide).toContain(`--env ${name}`)
  })
})
