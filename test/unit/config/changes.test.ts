import { expect, it } from 'vitest'
import { compareWorkspaces } from '../../../worker/config/changes'
import { seal } from '../../../worker/config/seal'
import { masked } from '../../../worker/config/secrets'
import { emptyWorkspace, type WorkspaceFile } from '../../../worker/config/workspace-file'
import { fileOf } from '../../support/workspace'

const sealed = (secret: string) => seal(secret, 'a.place', 'key')

const app = async (keys: Record<string, string>): Promise<WorkspaceFile> => {
  const access_keys = await Promise.all(
    Object.entries(keys).map(async ([access_key_id, secret]) => ({
      access_key_id,
      secret_access_key: await sealed(secret),
    }))
  )
  return fileOf({ inputs: [{ id: 'app', mobile_analytics: { app_id: 'a', access_keys } }] })
}

const lake = async (secret: string, settings: Record<string, unknown> = {}) =>
  fileOf({
    outputs: [
      {
        id: 'lake',
        kind: 's3',
        settings: { access_key_id: 'AKID', secret_access_key: await sealed(secret), ...settings },
      },
    ],
  })

it('tells what was added, removed and changed, as values', async () => {
  const before = await lake('one', { aws_region: 'eu-central-1' })
  const after = fileOf({ ...before, inputs: [{ id: 'web', key: 'web-key', allowed_origins: [] }] })
  after.outputs[0]!.settings = { ...before.outputs[0]!.settings, aws_region: 'us-east-1' }
  delete after.outputs[0]!.settings.access_key_id
  expect(compareWorkspaces(before, after)).toEqual([
    { path: 'inputs.web.allowed_origins', kind: 'added', after: [] },
    { path: 'inputs.web.enabled', kind: 'added', after: true },
    { path: 'inputs.web.id', kind: 'added', after: 'web' },
    { path: 'inputs.web.key', kind: 'added', after: 'web-key' },
    { path: 'inputs.web.name', kind: 'added', after: '' },
    { path: 'inputs.web.platform', kind: 'added', after: 'web' },
    { path: 'outputs.lake.settings.access_key_id', kind: 'removed', before: 'AKID' },
    {
      path: 'outputs.lake.settings.aws_region',
      kind: 'changed',
      before: 'eu-central-1',
      after: 'us-east-1',
    },
  ])
})

it('reports that a secret changed, without either value', async () => {
  const path = 'outputs.lake.settings.secret_access_key'
  expect(compareWorkspaces(await lake('one'), await lake('one'))).toEqual([])
  expect(compareWorkspaces(await lake('one'), await lake('two'))).toEqual([
    { path, kind: 'changed', before: masked, after: masked },
  ])
})

it('knows access keys by their ids, in whichever order they stand', async () => {
  const path = 'inputs.app.mobile_analytics.access_keys'
  expect(compareWorkspaces(await app({ A: '1', B: '2' }), await app({ B: '2', A: '1' }))).toEqual(
    []
  )
  const changes = compareWorkspaces(await app({ A: '1', B: '2' }), await app({ B: '3' }))
  expect(changes.map((change) => `${change.kind} ${change.path}`)).toEqual([
    `removed ${path}.A.access_key_id`,
    `removed ${path}.A.secret_access_key`,
    `changed ${path}.B.secret_access_key`,
  ])
  expect(JSON.stringify(changes)).not.toContain('sealed:')
})

it('never shows what is sealed, wherever it lies', async () => {
  const holding = (anywhere: unknown): WorkspaceFile => ({
    ...emptyWorkspace(),
    outputs: [{ id: 'lake', name: '', kind: 's3', settings: { anywhere } }],
  })
  const deep = holding([[{ text: await sealed('one') }]])
  const [change] = compareWorkspaces(deep, holding(1))
  expect(change).toMatchObject({ before: [[{ text: masked }]], after: 1 })
})

it('reads a file from before there were audiences as one without', async () => {
  const { audiences: _, ...old } = emptyWorkspace()
  expect(compareWorkspaces(old as WorkspaceFile, emptyWorkspace())).toEqual([])
})
