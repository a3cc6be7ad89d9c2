import { beforeEach, describe, expect, it } from 'vitest'
import { page, post, signIn } from '../../support/console'
import { admin, batchOf, put, seed, upload } from '../../support/weir'

let cookie: string
const newId = (): string => `a${crypto.randomUUID().slice(0, 8)}`
const isPro = { attribute: { plan: 'pro' } }
const ruleText = JSON.stringify(isPro)

beforeEach(async () => {
  cookie = await signIn()
})

const textOf = async (path: string) => (await page(path, { cookie })).text()

const saved = async (id: string) => (await admin(`/audiences/${id}`)).json<object>()

describe('the list of audiences', () => {
  it('shows their sizes and how far their rules have got', async () => {
    const id = newId()
    await put(`/audiences/${id}`, { name: 'The <pros>', rule: isPro })
    const text = await textOf('/audiences')
    expect(text).toContain(`href="/console/audiences/${id}"`)
    expect(text).toContain('The &lt;pros&gt;')
  })
})

describe('the editor', () => {
  it('makes an audience, and leads to its page', async () => {
    const id = newId()
    const fields = { id, name: 'Pros', slug: '', rule: ruleText, action: 'save', note: 'by hand' }
    const answer = await post('/audiences/new', fields, { cookie })
    expect(answer.headers.get('location')).toBe(`/console/audiences/${id}?done=saved`)
    expect(await saved(id)).toEqual({ id, name: 'Pros', rule: isPro })
  })

  it('changes one, and leaves what the form does not have', async () => {
    const id = newId()
    await put(`/audiences/${id}`, { slug: 'pros', rule: isPro })
    const fields = { name: '', slug: '', rule: '{"not":{"attribute":{"plan":"pro"}}}' }
    const answer = await post(`/audiences/${id}`, { ...fields, action: 'save' }, { cookie })
    expect(answer.status).toBe(303)
    expect(await saved(id)).toEqual({ id, name: '', rule: { not: isPro } })
  })

  it.each([
    ['no JSON', '{"all": [', 'rule is not JSON'],
    ['no object', '[]', 'rule must be a JSON object.'],
    ['nothing', ' ', 'rule is required.'],
    ['an unknown node', '{"every": []}', 'rule'],
    ['a wrong condition within', '{"all": [{"event": {"within": "soon"}}]}', 'within'],
  ])(
    'says at the field that the rule is %s, and keeps what was typed',
    async (_, rule, message) => {
      const id = newId()
      const answer = await post('/audiences/new', { id, rule, action: 'save' }, { cookie })
      expect(answer.status).toBe(422)
      const text = await answer.text()
      const [, error = ''] = /id="field-rule-error">([^<]*)</.exec(text) ?? []
      expect(error).toContain(message)
      expect(text).toContain('href="#field-rule"')
      expect(text).toContain(`value="${id}"`)
      expect((await admin(`/audiences/${id}`)).status).toBe(404)
    }
  )

  it('refuses an id that another has', async () => {
    const id = newId()
    await put(`/audiences/${id}`, { rule: isPro })
    const answer = await post('/audiences/new', { id, rule: ruleText, action: 'save' }, { cookie })
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain('id="field-id-error"')
  })
})

describe('a dry run', () => {
  const tryOut = (fields: Record<string, string>) =>
    post('/audiences/new', { id: newId(), rule: ruleText, action: 'try', ...fields }, { cookie })

  it.each([
    ['pro', 'inside'],
    ['free', 'outside'],
  ])(
    'says what the rule would say of a made-up profile with plan %s: %s',
    async (plan, verdict) => {
      const answer = await tryOut({ profile: JSON.stringify({ attributes: { plan } }) })
      expect(answer.status).toBe(200)
      expect(await answer.text()).toMatch(new RegExp(`Dry run:\\s*<span[^>]*>${verdict}<`))
    }
  )

  it('says what it would say of a user, by the mpid, and saves nothing', async () => {
    const { key } = await seed({ s3: false })
    const mpid = '7310000000000000001'
    await upload(key, batchOf(['a'], { mpid, user_attributes: { plan: 'pro' } }))
    const id = newId()
    const answer = await tryOut({ id, mpid })
    expect(await answer.text()).toContain('>inside<')
    expect((await admin(`/audiences/${id}`)).status).toBe(404)
  })

  it.each([
    ['an mpid of nobody', { mpid: '7310000000000000999' }, 'mpid'],
    ['an mpid that is none', { mpid: 'Ada' }, 'mpid'],
    ['neither a profile nor an mpid', {}, 'mpid'],
    ['a profile that is no JSON', { profile: '{' }, 'profile'],
    ['a profile with an unknown field', { profile: '{"shoes":1}' }, 'profile'],
    ['a wrong rule', { rule: '{"every":[]}', profile: '{}' }, 'rule'],
  ])('names what is wrong with %s at its field', async (_, fields, name) => {
    const answer = await tryOut(fields)
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain(`id="field-${name}-error"`)
  })
})

describe('deleting', () => {
  it('asks first, and then does it', async () => {
    const id = newId()
    await put(`/audiences/${id}`, { rule: isPro })
    expect(await textOf(`/audiences/${id}/delete`)).toContain(`Delete ${id}?`)
    const answer = await post(`/audiences/${id}/delete`, {}, { cookie })
    expect(answer.headers.get('location')).toBe('/console/audiences?done=deleted')
    expect((await admin(`/audiences/${id}`)).status).toBe(404)
  })

  it('is refused while another rule asks for it', async () => {
    const id = newId()
    await put(`/audiences/${id}`, { rule: isPro })
    await put(`/audiences/${newId()}`, { rule: { audience: id } })
    const answer = await post(`/audiences/${id}/delete`, {}, { cookie })
    expect(answer.status).toBe(409)
    expect(await answer.text()).toContain('is used by')
  })
})
