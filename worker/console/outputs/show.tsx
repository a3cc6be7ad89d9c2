import { authorizationSchema } from '../../admin/answers/outputs'
import type { Problem } from '../../base/problem'
import type { Output } from '../../config/workspace-file'
import { isIntegration } from '../../outputs'
import { readAdmin } from '../api'
import type { ConsoleContext } from '../env'
import { OutputForm } from './pages'

/** The page of an output. `refused`: what was just tried with it did not work, and why. */
export const showOutput = async (
  context: ConsoleContext,
  stored: Output,
  refused: Problem[] = []
) => {
  const path = `/outputs/${encodeURIComponent(stored.id)}/authorization`
  const authorization = isIntegration(stored)
    ? await readAdmin(context, authorizationSchema, path)
    : undefined
  const shown = { context, item: { ...stored }, kind: stored.kind, stored, authorization, refused }
  return context.html(<OutputForm {...shown} problems={[]} />, refused.length > 0 ? 422 : 200)
}
