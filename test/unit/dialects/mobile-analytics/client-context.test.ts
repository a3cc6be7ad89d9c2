import { describe, expect, it } from 'vitest'
import {
  decodeContext,
  readContext,
} from '../../../../worker/dialects/mobile-analytics/client-context'
import { contextOf } from '../../../support/mobile-event'

const plain = JSON.stringify(contextOf())
const base64 = (text: string): string =>
  btoa(String.fromCharCode(...new TextEncoder().encode(text)))

describe('a client context header', () => {
  const exotic = '{"client":{"app_title":"Tür 😀"}}'

  it.each<[string, string, string | null, string]>([
    ['plain', plain, null, plain],
    ['plain and empty marker', plain, '', plain],
    ['base64', base64(exotic), 'base64', exotic],
    ['base64, marked in another case', base64(exotic), 'Base64', exotic],
    ['base64 for URLs', base64(exotic).replaceAll('+', '-').replaceAll('/', '_'), 'base64', exotic],
    ['base64 without padding', base64(exotic).replaceAll('=', ''), 'base64', exotic],
    ['base64 without saying so', base64(exotic), null, exotic],
    ['8,192 bytes long', `{${'ü'.repeat(4095)}}`, null, `{${'ü'.repeat(4095)}}`],
  ])('that is %s is read', (_what, header, marker, text) => {
    expect(decodeContext(header, marker)).toEqual({ ok: true, value: text })
  })

  it.each<[string, string | null, string | null]>([
    ['missing', null, null],
    ['empty', ' ', null],
    ['no base64 though it says so', plain, 'base64'],
    ['base64 of what is no UTF-8', btoa('\xff\xfe'), 'base64'],
    ['in an encoding that nobody knows', plain, 'gzip'],
    ['neither JSON nor base64', '***', null],
    ['longer than 8,192 bytes', `{${'ü'.repeat(4096)}}`, null],
    ['longer than that once decoded', base64(`{${'x'.repeat(8192)}}`), 'base64'],
  ])('that is %s is invalid', (_what, header, marker) => {
    expect(decodeContext(header, marker)).toMatchObject({
      ok: false,
      problems: [{ code: 'invalid_context' }],
    })
  })
})

describe('a client context', () => {
  const read = (context: unknown, isStrict = false) =>
    readContext(typeof context === 'string' ? context : JSON.stringify(context), isStrict)
  const client = (fields: object) => contextOf({ client: { client_id: 'c', ...fields } })

  it('needs no more than client_id and app_id', () => {
    expect(read(contextOf())).toEqual({
      ok: true,
      value: { client_id: contextOf().client.client_id, app_id: 'demo-app', custom: {} },
    })
  })

  it.each<[string, unknown]>([
    ['an empty platform', contextOf({ env: { platform: '' } })],
    ['a platform that nobody knows', contextOf({ env: { platform: 'Toaster' } })],
    ['null for what is not set', contextOf({ env: null, custom: null })],
    ['fields that nobody knows', contextOf({ other: [1] })],
  ])('may have %s', (_what, context) => {
    expect(read(context).ok).toBe(true)
  })

  it('takes numbers for texts, and empty texts for none', () => {
    const texts = { app_version_code: 42, app_version_name: 1.5, app_title: '' }
    expect(read(client(texts))).toMatchObject({
      value: { app_version_code: '42', app_version_name: '1.5' },
    })
    expect(read(client(texts))).not.toHaveProperty('value.app_title')
  })

  it.each<[string, unknown, string[]]>([
    ['is no JSON', '{', ['']],
    ['is no object', '[]', ['']],
    ['is too deep', `{"a":${'['.repeat(300)}${']'.repeat(300)}}`, ['']],
    ['has nothing', {}, ['client.client_id', 'services.mobile_analytics.app_id']],
    ['has an empty client_id', client({ client_id: '' }), ['client.client_id']],
    ['has a client_id that is no text', client({ client_id: 7 }), ['client.client_id']],
    ['has an object for a text', client({ app_title: {} }), ['client.app_title']],
    ['has a text for an object', contextOf({ env: 'android' }), ['env']],
    ['has a list for a map', contextOf({ custom: [] }), ['custom']],
  ])('that %s is invalid, with all its problems', (_what, context, paths) => {
    const result = read(context)
    expect(result.ok ? [] : result.problems.map((one) => one.path)).toEqual(paths)
  })

  it.each<[string, object, string[]]>([
    ['lacks both', {}, ['client.app_title', 'env.platform']],
    ['has a platform of its own', { env: { platform: 'tvos' }, title: 'T' }, ['env.platform']],
    ['has what the guide wants', { env: { platform: 'iPhoneOS' }, title: 'T' }, []],
  ])(
    'that must keep to the guide and %s',
    (_what, { title, ...fields }: { title?: string }, paths) => {
      const context = { ...client(title ? { app_title: title } : {}), ...fields }
      const result = read(context, true)
      expect(result.ok ? [] : result.problems.map((one) => one.path)).toEqual(paths)
    }
  )
})
