import { describe, expect, it } from 'vitest'
import { readState, writeState } from '../../../worker/authorizations/state'

const now = 1_795_229_708_345
const given = { output: 'crm', nonce: 'n-1', expires_ms: now + 900_000 }

describe('a state', () => {
  it('comes back as it was given, until it expires', async () => {
    const state = await writeState(given, 'key')
    expect(await readState(state, { current: 'key' }, now)).toEqual(given)
    expect(await readState(state, { current: 'key' }, given.expires_ms - 1)).toEqual(given)
    expect(await readState(state, { current: 'key' }, given.expires_ms)).toBeUndefined()
  })

  it.each<[string, (state: string) => string]>([
    ['none', () => ''],
    ['of another output', (state) => state.replace('crm', 'erp')],
    ['with another nonce', (state) => state.replace('n-1', 'n-2')],
    ['that lives longer', (state) => state.replace(String(given.expires_ms), '9999999999999999')],
    ['without its signature', (state) => state.slice(0, state.lastIndexOf('.'))],
    ['with an empty signature', (state) => state.slice(0, state.lastIndexOf('.') + 1)],
    ['with half a signature', (state) => state.slice(0, -32)],
    ['with a signature of zeros', (state) => state.replace(/[0-9a-f]{64}$/, '0'.repeat(64))],
    ['with more behind it', (state) => `${state}.x`],
  ])('%s is not believed', async (_, forge) => {
    const state = await writeState(given, 'key')
    const forged = forge(state)
    expect(forged).not.toBe(state)
    expect(await readState(forged, { current: 'key' }, now)).toBeUndefined()
  })

  it('is believed while the key that it was signed with is the previous one', async () => {
    const state = await writeState(given, 'key')
    expect(await readState(state, { current: 'next', previous: 'key' }, now)).toEqual(given)
    expect(await readState(state, { current: 'next' }, now)).toBeUndefined()
  })

  it('of another deployment is not believed', async () => {
    expect(
      await readState(await writeState(given, 'other key'), { current: 'key' }, now)
    ).toBeUndefined()
  })
})
