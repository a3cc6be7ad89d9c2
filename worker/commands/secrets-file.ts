import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

export const demoAdminToken = 'demo-admin-token'

const secretNames = ['ADMIN_TOKEN', 'CONFIG_KEY', 'IDENTITY_KEY'] as const

export type LocalSecrets = Record<(typeof secretNames)[number], string>

/**
 * The secrets of a local deployment, generated once: with another CONFIG_KEY stored credentials could
 * not be decrypted, with another IDENTITY_KEY users would get new mpids.
 */
export const localSecrets = (file: string): LocalSecrets => {
  if (existsSync(file)) return readSecrets(file)
  const random = () => randomBytes(32).toString('base64')
  const secrets = { ADMIN_TOKEN: demoAdminToken, CONFIG_KEY: random(), IDENTITY_KEY: random() }
  writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  return secrets
}

const readSecrets = (file: string): LocalSecrets => {
  try {
    const read = JSON.parse(readFileSync(file, 'utf8'))
    if (secretNames.every((name) => typeof read[name] === 'string' && read[name] !== '')) {
      return read
    }
  } catch (error) {
    throw new Error(`${file} cannot be read.`, { cause: error })
  }
  throw new Error(`${file} must have ${secretNames.join(', ')}.`)
}
