import { isObject, omit } from '../../base/json'
import { type Problem, RequestError, within } from '../../base/problem'
import { type Bindings, objectsOf, requireSecret } from '../../config/deployment'
import { sealSecrets } from '../../config/secrets'
import type { StoredWorkspace } from '../../config/snapshot'
import type { Output, WorkspaceFile } from '../../config/workspace-file'
import { isIntegration } from '../../outputs'

/** A workspace from a request without registrations, which only integrations may write. */
export const withoutRegistrations = (body: unknown): unknown => {
  if (!isObject(body) || !Array.isArray(body.outputs)) return body
  const outputs = body.outputs.map((output) =>
    isObject(output) ? omit(output, ['registration']) : output
  )
  return { ...body, outputs }
}

/** A workspace with the registrations that are stored, even if the outputs' settings have changed. */
export const withKnownRegistrations = (
  file: WorkspaceFile,
  stored: WorkspaceFile
): WorkspaceFile => ({
  ...file,
  outputs: file.outputs.map((output) => {
    const { registration } = stored.outputs.find(({ id }) => id === output.id) ?? {}
    return registration && isIntegration(output) ? { ...output, registration } : output
  }),
})

// The name does not matter, only the settings by which the integration is called.
const isUnchanged = (output: Output, stored: WorkspaceFile): boolean => {
  const before = stored.outputs.find(({ id }) => id === output.id)
  return (
    output.registration !== undefined &&
    JSON.stringify(before?.settings) === JSON.stringify(output.settings)
  )
}

const fetchRegistration = async (
  env: Bindings,
  output: Output,
  i: number
): Promise<Output | Problem[]> => {
  // Only outboxes open credentials. This one stores no deliveries.
  const answer = await objectsOf(env).OUTBOX.getByName(`output:${output.id}`).register(output)
  if (answer.ok) return { ...output, registration: answer.registration }
  return within(`outputs.${i}.registration`, answer.problems)
}

/**
 * Adds the registration of each integration: the stored one, or one fetched now when its output is
 * new, has changed, or is the one in `again`.
 *
 * @throws RequestError 422 when one cannot be fetched, or needs what weir does not support
 */
export const withRegistrations = async (
  env: Bindings,
  stored: StoredWorkspace,
  { file, again }: { file: WorkspaceFile; again: string | undefined }
): Promise<WorkspaceFile> => {
  if (!file.outputs.some(isIntegration)) return file
  const sealed = await sealSecrets(file, requireSecret(env, 'CONFIG_KEY'))
  const results = await Promise.all(
    sealed.outputs.map(async (output, i): Promise<Output | Problem[]> => {
      if (!isIntegration(output)) return output
      const isKnown = output.id !== again && isUnchanged(output, stored.file)
      return isKnown ? output : fetchRegistration(env, output, i)
    })
  )
  const problems = results.flatMap((result) => (Array.isArray(result) ? result : []))
  if (problems.length > 0) throw new RequestError(422, problems)
  const outputs = results.flatMap((result) => (Array.isArray(result) ? [] : result))
  return { ...file, outputs }
}
