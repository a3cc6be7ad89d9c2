import { isObject, omit } from '../base/json'
import { type Problem, RequestError, within } from '../base/problem'
import { type Bindings, objectsOf, requireSecret } from '../config/deployment'
import { sealSecrets } from '../config/secrets'
import type { StoredWorkspace } from '../config/snapshot'
import type { Output, WorkspaceFile } from '../config/workspace-file'
import { isIntegration } from '../outputs'

/** A given file without what integrations said: a caller may have written anything there. */
export const withoutRegistrations = (given: unknown): unknown => {
  if (!isObject(given) || !Array.isArray(given.outputs)) return given
  const outputs = given.outputs.map((one) => (isObject(one) ? omit(one, ['registration']) : one))
  return { ...given, outputs }
}

/** A file with what its integrations said when they were saved last, wherever they are now. */
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

// Not what it is called, but how it is reached and addressed.
const isUnchanged = (output: Output, stored: WorkspaceFile): boolean => {
  const before = stored.outputs.find(({ id }) => id === output.id)
  return (
    output.registration !== undefined &&
    JSON.stringify(before?.settings) === JSON.stringify(output.settings)
  )
}

const ask = async (env: Bindings, output: Output, i: number): Promise<Output | Problem[]> => {
  // Credentials are opened in outboxes only. This one never holds anything.
  const asked = await objectsOf(env).OUTBOX.getByName(`output:${output.id}`).ask(output)
  if (asked.ok) return { ...output, registration: asked.registration }
  return within(`outputs.${i}.registration`, asked.problems)
}

/**
 * Puts to each integration of a file what it says of itself: what it said before, or asked now when
 * its output is new, changed or the one to ask again.
 *
 * @throws RequestError 422 when one cannot be asked, or asks for what weir does not do
 */
export const withRegistrations = async (
  env: Bindings,
  stored: StoredWorkspace,
  given: { file: WorkspaceFile; again: string | undefined }
): Promise<WorkspaceFile> => {
  const { file, again } = given
  if (!file.outputs.some(isIntegration)) return file
  const sealed = await sealSecrets(file, requireSecret(env, 'CONFIG_KEY'))
  const asked = await Promise.all(
    sealed.outputs.map(async (output, i): Promise<Output | Problem[]> => {
      if (!isIntegration(output)) return output
      const isKnown = output.id !== again && isUnchanged(output, stored.file)
      return isKnown ? output : ask(env, output, i)
    })
  )
  const problems = asked.flatMap((one) => (Array.isArray(one) ? one : []))
  if (problems.length > 0) throw new RequestError(422, problems)
  const outputs = asked.flatMap((one) => (Array.isArray(one) ? [] : one))
  return { ...file, outputs }
}
