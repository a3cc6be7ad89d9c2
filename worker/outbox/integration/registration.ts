import { problem } from '../../base/problem'
import { type Bindings, configKeys, deploymentOf } from '../../config/deployment'
import { openSettings } from '../../config/secrets'
import type { Output } from '../../config/workspace-file'
import { outputKinds } from '../../outputs'
import type { Registered } from '../../outputs/kind'

const failed = (message: string): Registered => ({
  ok: false,
  problems: [problem('registration_failed', '', message)],
})

/** Asks the integration behind an output what it is and wants. */
export const registerOutput = async (output: Output, env: Bindings): Promise<Registered> => {
  const { integration } = outputKinds[output.kind]
  if (!integration) return failed('The output is no integration.')
  try {
    const configuration = await openSettings(output, configKeys(env))
    const how = { id: crypto.randomUUID(), nowMs: Date.now(), deployment: deploymentOf(env) }
    return await integration.register(configuration, how)
  } catch (error) {
    return failed(error instanceof Error ? error.message : 'The output could not be opened.')
  }
}
