import { describe, expect, it } from 'vitest'
import { readWorkspaceFile } from '../../../worker/config/workspace-file'
import { deployment, putAt } from '../../support/workspace'

const keys = { access_key_id: 'AKID', secret_access_key: 'secret' }
const queue_url = 'https://sqs.eu-west-1.amazonaws.com/123456789012/events'

const problemsOf = (file: unknown) => {
  const read = readWorkspaceFile(file, deployment)
  return read.ok ? [] : read.problems.map(({ code, path }) => `${code} ${path}`)
}

const members = () => ({
  outputs: [
    { id: 'lake', kind: 's3', settings: keys },
    { id: 'queue', kind: 'sqs', settings: keys },
  ],
  inputs: [{ id: 'web', key: 'demo-web-key' }],
  connections: [
    {
      id: 'told-lake',
      audiences: ['vip'],
      output: 'lake',
      settings: { bucket_name: 'told', store_by_date: 'none' },
    } as object,
    {
      id: 'told-queue',
      audiences: ['vip', 'lapsed'],
      output: 'queue',
      settings: { queue_url, aws_region: 'eu-west-1' } as object,
    },
  ],
  audiences: [
    {
      id: 'vip',
      name: 'Very important',
      slug: 'vips',
      rule: { attribute: { plan: 'pro' } } as object,
    } as object,
    { id: 'lapsed', rule: { not: { event: { name: 'login', within: '7d' } } } as object },
  ],
})

describe('audiences of a workspace file', () => {
  it('are read with their defaults', () => {
    const read = readWorkspaceFile(members(), deployment)
    expect(read).toMatchObject({
      ok: true,
      value: {
        connections: [
          { audiences: ['vip'], enabled: true, shards: 1 },
          { audiences: ['vip', 'lapsed'] },
        ],
        audiences: [
          { id: 'vip', name: 'Very important', slug: 'vips' },
          { id: 'lapsed', name: '' },
        ],
      },
    })
  })

  const audience = { rule: { all: [] } }
  const numbered = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ ...audience, id: `a${i}` }))
  const counts = Array.from({ length: 20 }, (_, i) => ({
    id: `c${i}`,
    rule: { event: { name: `e${i}`, within: '30d', count: { gte: 1000 } } },
  }))

  it.each<[path: string, value: unknown, problem: string]>([
    ['audiences', 'vip', 'invalid audiences'],
    ['audiences.2', { ...audience, id: 'vip' }, 'duplicate audiences.2.id'],
    ['audiences.2', { ...audience, id: 'VIP' }, 'invalid audiences.2.id'],
    ['audiences.2', audience, 'required audiences.2.id'],
    ['audiences.2', { id: 'a' }, 'required audiences.2.rule'],
    ['audiences.2', { id: 'a', rule: 'all' }, 'invalid audiences.2.rule'],
    ['audiences.2', { id: 'a', rule: [] }, 'invalid audiences.2.rule'],
    ['audiences.2', { id: 'a', rule: {} }, 'invalid_rule audiences.2.rule'],
    ['audiences.0.slug', '', 'invalid audiences.0.slug'],
    ['audiences.0.colour', 'red', 'unknown_field audiences.0.colour'],
    [
      'audiences.0.rule',
      { attribute: { plan: { $x: 1 } } },
      'unknown_operator audiences.0.rule.attribute.plan.$x',
    ],
    [
      'audiences.0.rule',
      { event: { name: 'x', within: '91d' } },
      'window_too_long audiences.0.rule.event.within',
    ],
    [
      'audiences.0.rule',
      { any: Array(51).fill({ audience: 'lapsed' }) },
      'too_many_leaves audiences.0.rule',
    ],
    ['audiences.0.rule', { audience: 'gone' }, 'not_found audiences.0.rule'],
    ['audiences.0.rule', { audience: 'vip' }, 'cycle audiences'],
    ['audiences.2', { id: 'c', rule: { all: [{ audience: 'c' }] } }, 'cycle audiences'],
    ['connections.0.input', 'web', 'invalid connections.0.audiences'],
    ['connections.0.audiences', [], 'required connections.0.input'],
    ['connections.0.audiences', undefined, 'required connections.0.input'],
    ['connections.0.audiences', 'vip', 'invalid connections.0.audiences'],
    ['connections.0.audiences', ['vip', 'gone'], 'not_found connections.0.audiences.1'],
    ['connections.0.audiences', ['constructor'], 'not_found connections.0.audiences.0'],
    ['connections.1.audiences', ['vip', 'vip'], 'duplicate connections.1.audiences.1'],
    ['connections.0.output', 'pond', 'not_found connections.0.output'],
    ['connections.1.settings.aws_region', undefined, 'required connections.1.settings.aws_region'],
    [
      'connections.1.settings.send_as_batch',
      false,
      'unknown_setting connections.1.settings.send_as_batch',
    ],
    [
      'connections.1.settings.message_attributes',
      'abcdefghijk'.split(''),
      'invalid_setting connections.1.settings.message_attributes',
    ],
    ['connections.0.settings.bucket_name', '', 'required connections.0.settings.bucket_name'],
  ])('with %s = %j have the problem %s, and no other', (path, value, problem) => {
    expect(problemsOf(putAt(members(), path, value))).toEqual([problem])
  })

  it('are 100 at most', () => {
    expect(problemsOf({ audiences: numbered(100) })).toEqual([])
    expect(problemsOf({ audiences: numbered(101) })).toEqual(['invalid audiences'])
  })

  it('must not make a profile keep more than it can', () => {
    expect(problemsOf({ audiences: counts.slice(1) })).toEqual([])
    expect(problemsOf({ audiences: counts })).toEqual(['too_many_marks audiences'])
  })

  it('may be called like a part of every object', () => {
    const file = putAt(members(), 'audiences.2', { ...audience, id: 'constructor' })
    expect(problemsOf(putAt(file, 'connections.0.audiences', ['constructor', 'vip']))).toEqual([])
  })
})
