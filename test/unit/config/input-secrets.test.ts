import { describe, expect, it } from 'vitest'
import type { Json } from '../../../worker/base/json'
import { inputSettings } from '../../../worker/config/input'
import { masked, maskSecrets } from '../../../worker/config/secrets'
import { emptyWorkspace, readWorkspaceFile } from '../../../worker/config/workspace-file'
import type { SettingTable } from '../../../worker/setting-rows'
import { deployment } from '../../support/workspace'

/** The paths of all secrets that the table of inputs has; groups that repeat have `0`. */
const secretPaths = (rows: SettingTable, within: string[] = []): string[] =>
  Object.entries(rows).flatMap(([id, row]) => {
    const path = [...within, id]
    if (row.type === 'group') return secretPaths(row.rows, path)
    if (row.type === 'groups') return secretPaths(row.rows, [...path, '0'])
    return row.type === 'secret' ? path.join('.') : []
  })

const at = (value: unknown, path: string): unknown =>
  path.split('.').reduce((inner, name) => (inner as Record<string, Json>)?.[name], value)

const secret = 'a-secret-of-the-input'

const input = {
  id: 'all',
  key: 'all-key',
  secret,
  mobile_analytics: {
    app_id: 'app',
    access_keys: [{ access_key_id: 'AKIDALL', secret_access_key: secret }],
  },
  firehose: { token: secret },
}

describe('a secret of an input', () => {
  it.each(secretPaths(inputSettings))('is masked in answers: %s', async (path) => {
    expect(at(input, path)).toBe(secret)
    const read = readWorkspaceFile({ ...emptyWorkspace(), inputs: [input] }, deployment)
    if (!read.ok) throw new Error(JSON.stringify(read.problems))
    const [shown] = (await maskSecrets(read.value)).inputs
    expect(at(shown, path)).toBe(masked)
  })
})
