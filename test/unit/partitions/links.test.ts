import { describe, expect, it } from 'vitest'
import { stringifyJson } from '../../../worker/base/json'
import { identityTypes } from '../../../worker/batch'
import { deriveMpid } from '../../../worker/dialects/mpid'
import { addLinks, linkOf } from '../../../worker/partitions/links'
import { emptyState, fold, type ProfileState } from '../../../worker/profiles/attributes'

const key = 'a key'
const email = { type: 'email', identity: 'ada@example.org' }
const derived = linkOf(email, key).mpid
const given = '7346244611012968789'

const told = (
  state: ProfileState,
  about: object,
  mpid = given,
  withKey: string | undefined = key
) => addLinks(state, fold(state, stringifyJson(about), 1), { mpid, key: withKey })

const identities = (user_identities: object) => ({ user_identities })

describe('the link of an identity', () => {
  it.each([
    email,
    { type: 'customer_id', identity: 'é'.repeat(300) },
    { type: 'other', identity: '0' },
  ])('leads to the mpid that derives from it ($type)', async (named) => {
    const { mpid } = linkOf(named, key)
    expect(mpid).toBe(await deriveMpid(`${named.type}:${named.identity}`, key))
  })

  it('has a hash that differs by type, identity and key, and says nothing of them', () => {
    const hashes = [
      linkOf(email, key),
      linkOf({ ...email, type: 'other' }, key),
      linkOf({ ...email, identity: 'bob@example.org' }, key),
      linkOf(email, 'another key'),
    ].map(({ hash }) => hash)
    expect(new Set(hashes).size).toBe(4)
    for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{32}$/)
  })
})

describe('the links of a profile', () => {
  it('are of the identities from which its mpid does not derive', () => {
    const both = identities({ customer_id: 'c1', email: email.identity })
    const customer = linkOf({ type: 'customer_id', identity: 'c1' }, key)
    const { hash } = linkOf(email, key)
    expect(told(emptyState(), both).unlinked).toEqual([customer.hash, hash])
    expect(told(emptyState(), both, derived).unlinked).toEqual([customer.hash])
    expect(told(emptyState(), both, customer.mpid).unlinked).toEqual([hash])
  })

  it.each([
    [
      'the only identity is the one that its mpid derives from',
      identities({ email: email.identity }),
    ],
    ['there are attributes only', { user_attributes: { plan: 'pro' } }],
    ['nobody could ask by the type', identities({ shoe_size: '42' })],
  ])('are none when %s', (_, about) => {
    const { unlinked, state } = told(emptyState(), about, derived)
    expect(unlinked).toEqual([])
    expect(state.links ?? []).toEqual([])
  })

  it('come with what is new only, and stay when an identity goes', () => {
    const first = told(emptyState(), identities({ email: email.identity }))
    expect(first.unlinked).toHaveLength(1)
    const same = told(first.state, identities({ email: email.identity }))
    expect(same).toMatchObject({ changed: false, unlinked: [] })
    const other = told(first.state, identities({ email: 'bob@example.org' }))
    expect(other.unlinked).toHaveLength(1)
    expect(other.state.links).toEqual([...first.unlinked, ...other.unlinked])
    const gone = told(other.state, identities({ email: null }))
    expect(gone).toMatchObject({ changed: true, unlinked: [] })
    expect(gone.state).toMatchObject({ identities: {}, links: other.state.links })
    const back = told(gone.state, identities({ email: email.identity }))
    expect(back.unlinked).toEqual([])
  })

  it('are made up for when the profile is older than they are, and only once', () => {
    const old: ProfileState = { ...emptyState(), identities: { email: { ...email, ms: 1 } } }
    const about = identities({ email: email.identity })
    const first = told(old, about)
    expect(first).toMatchObject({ changed: true, unlinked: [linkOf(email, key).hash] })
    expect(told(first.state, about)).toMatchObject({ changed: false, unlinked: [] })
  })

  it('are left for later when the deployment has no key', () => {
    const about = identities({ email: email.identity })
    const without = addLinks(emptyState(), fold(emptyState(), stringifyJson(about), 1), {
      mpid: given,
      key: undefined,
    })
    expect(without).toMatchObject({ changed: true, unlinked: [] })
    expect(told(without.state, about).unlinked).toEqual([linkOf(email, key).hash])
  })

  it('are at most a thousand', () => {
    const links = Array.from({ length: 999 }, (_, i) => i.toString(16).padStart(32, '0'))
    const full = told(
      { ...emptyState(), links },
      identities(Object.fromEntries(identityTypes.map((type) => [type, `my ${type}`])))
    )
    expect(full.unlinked).toHaveLength(1)
    expect(full.state.links).toHaveLength(1000)
    expect(full.state.identities).toHaveProperty('alias')
  })
})
