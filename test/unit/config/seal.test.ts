import { describe, expect, it } from 'vitest'
import { isSealed, reseal, seal, sealedUnder, unseal } from '../../../worker/config/seal'
import {
  keepSecrets,
  masked,
  maskSecrets,
  openAccessKey,
  openInputSecret,
  openSettings,
  sealSecrets,
} from '../../../worker/config/secrets'
import type { WorkspaceFile } from '../../../worker/config/workspace-file'
import { fileOf } from '../../support/workspace'

const key = 'test-config-key'
const keys = { current: key }
const others = { current: 'another' }
const place = 'outputs.lake.secret_access_key'

/** Replaces a character in the middle of one part by another of the same alphabet. */
const tampered = (sealed: string, part: number): string =>
  sealed
    .split(':')
    .map((text, i) => {
      const middle = Math.floor(text.length / 2)
      const other = text[middle] === 'A' ? 'B' : 'A'
      return i === part ? text.slice(0, middle) + other + text.slice(middle + 1) : text
    })
    .join(':')

describe('a sealed secret', () => {
  it.each([
    'test-secret',
    'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
    'größe 😀:1',
    'sealed:1:none',
  ])('opens where it belongs: %s', async (secret) => {
    const sealed = await seal(secret, place, key)
    expect(isSealed(sealed)).toBe(true)
    expect(sealed).toMatch(/^sealed:1:[0-9a-f]{8}:[A-Za-z0-9+/=]{16}:[A-Za-z0-9+/=]+$/)
    expect(sealed).not.toContain(secret)
    expect(await unseal(sealed, place, keys)).toBe(secret)
  })

  it('is the same when sealed again, and shares its iv with no other', async () => {
    const sealed = await seal('s', place, key)
    expect(await seal('s', place, key)).toBe(sealed)
    const further = [seal('t', place, key), seal('s', 'elsewhere', key), seal('s', place, 'other')]
    const ivs = [sealed, ...(await Promise.all(further))].map((text) => text.split(':')[3])
    expect(new Set(ivs).size).toBe(4)
  })

  it('does not open elsewhere', async () => {
    const sealed = await seal('top-secret', place, key)
    await expect(unseal(sealed, 'outputs.other.secret_access_key', keys)).rejects.toThrow(
      'outputs.other.secret_access_key could not be opened.'
    )
  })

  it('does not open with another key, and the error says so', async () => {
    const sealed = await seal('top-secret', place, key)
    await expect(unseal(sealed, place, others)).rejects.toThrow(
      `${place} was sealed under another CONFIG_KEY.`
    )
  })

  it('opens with the previous key, and is sealed again with the current one', async () => {
    const both = { current: 'next', previous: key }
    const sealed = await seal('top-secret', place, key)
    expect(await sealedUnder(sealed, both)).toBe('previous')
    expect(await unseal(sealed, place, both)).toBe('top-secret')
    const resealed = await reseal(sealed, place, both)
    expect(resealed).toBe(await seal('top-secret', place, 'next'))
    expect(await sealedUnder(resealed, both)).toBe('current')
    expect(await unseal(resealed, place, { current: 'next' })).toBe('top-secret')
    expect(await reseal(resealed, place, both)).toBe(resealed)
  })

  it('that no key opens stays as it is', async () => {
    const sealed = await seal('top-secret', place, key)
    for (const lost of [others, { current: 'another', previous: 'a third' }]) {
      expect(await sealedUnder(sealed, lost)).toBe('lost')
      expect(await reseal(sealed, place, lost)).toBe(sealed)
    }
  })

  it.each([
    ['its iv was changed', (sealed: string) => tampered(sealed, 3)],
    ['its text was changed', (sealed: string) => tampered(sealed, 4)],
    ['its end is missing', (sealed: string) => sealed.slice(0, -8)],
    ['it has no text', (sealed: string) => sealed.split(':').slice(0, 4).join(':')],
    ['it is not base64', (sealed: string) => `${sealed}*`],
  ])('does not open when %s', async (_how, change) => {
    const sealed = change(await seal('top-secret', place, key))
    const error = await unseal(sealed, place, keys).catch((cause: Error) => cause)
    expect(error).toMatchObject({ message: `${place} could not be opened.` })
    expect(String(error)).not.toContain('top-secret')
  })

  it.each(['secret', '', 'sealed:2:a', null, 5])('is not %j', (value) => {
    expect(isSealed(value)).toBe(false)
  })
})

const secretsOf = (file: WorkspaceFile) => [
  ...file.inputs.map((input) => input.secret),
  ...file.inputs.flatMap((input) =>
    (input.mobile_analytics?.access_keys ?? []).map((key) => key.secret_access_key)
  ),
  ...file.outputs.map((output) => output.settings.secret_access_key),
]

describe('the secrets of a workspace', () => {
  const file = fileOf({
    inputs: [
      { id: 'web', key: 'web-key', secret: 'input-secret' },
      {
        id: 'app',
        mobile_analytics: {
          app_id: 'my-app',
          access_keys: [{ access_key_id: 'AKIDAPP', secret_access_key: 'app-secret' }],
        },
      },
    ],
    outputs: [
      {
        id: 'lake',
        kind: 's3',
        settings: { access_key_id: 'AKID', secret_access_key: 'key-secret' },
      },
      { id: 'role', kind: 's3', settings: {} },
    ],
  })

  it('are masked, and nothing else is', async () => {
    const shown = await maskSecrets(file)
    expect(secretsOf(shown)).toEqual([masked, undefined, masked, masked, undefined])
    expect(shown.outputs[0]?.settings.access_key_id).toBe('AKID')
    expect(secretsOf(file)).toContain('key-secret')
  })

  it('are sealed, each to its place, and only once', async () => {
    const sealed = await sealSecrets(file, key)
    expect(JSON.stringify(sealed)).not.toMatch(/input-secret|app-secret|key-secret/)
    const [input, , accessKey, output] = secretsOf(sealed)
    expect(await unseal(String(accessKey), 'inputs.app.access_keys.AKIDAPP', keys)).toBe(
      'app-secret'
    )
    expect(await unseal(String(input), 'inputs.web.secret', keys)).toBe('input-secret')
    expect(await unseal(String(output), place, keys)).toBe('key-secret')
    expect(await sealSecrets(sealed, key)).toEqual(sealed)
  })

  it('are opened for the moment of use', async () => {
    const { outputs } = await sealSecrets(file, key)
    expect(await openSettings(outputs[0]!, keys)).toEqual({
      access_key_id: 'AKID',
      secret_access_key: 'key-secret',
    })
    expect(await openSettings(file.outputs[0]!, keys)).toEqual(file.outputs[0]!.settings)
    await expect(openSettings(outputs[0]!, others)).rejects.toThrow('another CONFIG_KEY')
  })

  it('of inputs are opened likewise, each as often as it is asked for', async () => {
    const [web, app] = (await sealSecrets(file, key)).inputs
    const [accessKey] = app!.mobile_analytics!.access_keys
    for (let i = 0; i < 2; i++) {
      expect(await openInputSecret(web!, keys)).toBe('input-secret')
      expect(await openAccessKey(app!, accessKey!, keys)).toBe('app-secret')
    }
    expect(openInputSecret(app!, keys)).toBeUndefined()
  })

  it('stay as they are stored when their masks come back', async () => {
    const stored = await sealSecrets(file, key)
    expect(await keepSecrets(await maskSecrets(stored), stored)).toEqual(stored)
  })

  it('are replaced by new ones', async () => {
    const changed = fileOf({
      ...file,
      inputs: [{ id: 'web', key: 'web-key', secret: 'new-secret' }],
    })
    const restored = await keepSecrets(changed, await sealSecrets(file, key))
    expect(restored.inputs[0]?.secret).toBe('new-secret')
  })

  it('are removed for a mask without a stored secret', async () => {
    const moved = fileOf({
      inputs: [
        { id: 'other', key: 'other-key', secret: masked },
        {
          id: 'app',
          mobile_analytics: {
            app_id: 'my-app',
            access_keys: [{ access_key_id: 'AKIDOTHER', secret_access_key: masked }],
          },
        },
      ],
      outputs: [{ id: 'other', kind: 's3', settings: { secret_access_key: masked } }],
    })
    const restored = await keepSecrets(moved, await sealSecrets(file, key))
    expect(secretsOf(restored)).toEqual([undefined, undefined, undefined, undefined])
  })
})
